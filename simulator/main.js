// The page's program.

import { tokens } from "../viewer/app/tokens.js";
import "./crash-simulator.js";

document.adoptedStyleSheets = [/** @type {CSSStyleSheet} */ (tokens.styleSheet)];
