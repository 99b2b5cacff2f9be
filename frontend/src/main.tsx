// Starts the page.
import { render } from "preact";
import { Home } from "./state/home";
import { App } from "./views/app";
import "./styles/main.css";

const root = document.getElementById("root");
if (root) {
  const home = new Home(() => import("./views/inside").then((inside) => inside.Chat));
  render(<App home={home} />, root);
  void home.start();
}
