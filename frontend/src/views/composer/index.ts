export { Composer, type Editing } from "./composer";
