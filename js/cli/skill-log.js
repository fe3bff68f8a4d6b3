#!/usr/bin/env node
// What `skill-log` runs.

import { main } from "./program.js";

process.exitCode = await main(process.argv.slice(2));
