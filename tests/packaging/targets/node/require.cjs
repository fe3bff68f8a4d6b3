const skillLog = require("skill-log");

import("./program/in-node.js").then(({ inNode }) => inNode(skillLog));
