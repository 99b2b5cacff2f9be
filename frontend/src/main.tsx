// Starts the page.
import { render } from "preact";
import "./styles/main.css";
import { Entrance } from "./views/entrance";

const root = document.getElementById("root");
if (root) render(<Entrance />, root);
