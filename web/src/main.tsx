// SPDX-License-Identifier: Apache-2.0
// Where the page begins: theme first, then the application.

import { render } from "preact";
import { App } from "./app";
import "./style/base.css";
import "./style/shell.css";
import "./style/parts.css";
import "./style/overview.css";
import "./style/lists.css";
import "./style/timeline.css";
import "./style/run.css";
import "./style/console.css";
import { applyTheme, readTheme } from "./theme";

applyTheme(readTheme());
const root = document.getElementById("app");
if (root) render(<App />, root);
