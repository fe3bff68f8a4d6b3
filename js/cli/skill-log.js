#!/usr/bin/env node
// The executable `skill-log`.

import { main } from "./program.js";

process.exitCode = await main(process.argv.slice(2));
