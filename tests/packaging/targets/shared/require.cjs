const skillLog = require("skill-log");

globalThis.outcome = import("./program/in-browser.js").then(({ inBrowser }) => inBrowser(skillLog));
