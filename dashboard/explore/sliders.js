// A film strip of its own, over a slider.
import { mounted } from "../shared/js/mounted.js";
import { createStrip } from "./film.js";

export default mounted(".strip", createStrip);
