import { tiles } from "./data.js";

// How the map looks: our own streets, buildings, water and green below, the grids above, orders on top.

// Okabe and Ito's colors, softened: told apart by readers of any color vision, and no neighbors share one.
export const PALETTE = ["#8f9fe0", "#f2b04f", "#6dbd93", "#ecdc63", "#e58a66", "#d795bd"];
const INK = "#14222e";

// What can be switched on and off: id, the layers it switches, whether it is on at first.
export const SWITCHES = [
  { id: "grids", layers: ["grid-fill", "grid-hatch", "grid-line", "grid-label"], on: true, look: "area" },
  { id: "communities", layers: ["community-line", "community-label"], on: true, look: "dash" },
  { id: "buildings", layers: ["building-fill", "building-dot"], on: true, look: "block" },
  { id: "routes", layers: ["route-case", "route-line"], on: false, look: "route" },
  { id: "stations", layers: ["station"], on: false, look: "station" },
  { id: "places", layers: ["place", "place-label"], on: false, look: "place" },
  { id: "emergency_units", layers: ["unit"], on: false, look: "unit" },
  { id: "responders", layers: ["responder"], on: false, look: "responder" },
  { id: "assignments", layers: ["assignment"], on: false, look: "assignment" },
  { id: "faults", layers: ["fault-fill", "fault-line"], on: false, look: "fault" },
];

// Collections drawn from vector tiles: only what is in sight is read, and only while its layers are shown.
const TILED = [
  "territories",
  "grids",
  "communities",
  "exclusive",
  "barriers",
  "buildings",
  "streets",
  "routes",
  "stations",
  "places",
  "emergency_units",
  "responders",
];

const kind = (name) => ["==", ["get", "kind"], name];
const shape = (name) => ["in", ["geometry-type"], ["literal", [name, `Multi${name}`]]];
const polygon = shape("Polygon");
const lines = shape("LineString");
const border = (...names) => ["in", ["get", "border"], ["literal", names]];
const grow = (...stops) => ["interpolate", ["exponential", 1.6], ["zoom"], ...stops];
const hovered = (yes, no) => ["case", ["boolean", ["feature-state", "hover"], false], yes, no];
const text = (look, ...parts) => ["concat", `text|${look}|`, ...parts];

function line(id, source, paint, more = {}) {
  const { layout = {}, ...rest } = more;
  return { id, type: "line", source, paint, layout: { "line-cap": "round", "line-join": "round", ...layout }, ...rest };
}

function label(id, source, image, more = {}) {
  const { layout = {}, ...rest } = more;
  return { id, type: "symbol", source, layout: { "icon-image": image, "icon-padding": 3, ...layout }, ...rest };
}

function dot(id, source, radius, color, ring) {
  const paint = { "circle-radius": radius, "circle-color": color, "circle-stroke-color": ring, "circle-stroke-width": 2 };
  return { id, type: "circle", source, paint };
}

const ground = () => [
  { id: "outside", type: "background", paint: { "background-color": "#e7ebee" } },
  { id: "land", type: "fill", source: "territories", paint: { "fill-color": "#fbfaf6" } },
  { id: "green", type: "fill", source: "exclusive", paint: { "fill-color": "#d8ecd0" } },
];

const grids = () => [
  {
    id: "grid-fill",
    type: "fill",
    source: "grids",
    paint: {
      "fill-color": ["match", ["get", "color"], ...PALETTE.flatMap((color, i) => [i, color]), "#b9c2ca"],
      "fill-opacity": grow(12, hovered(0.78, 0.62), 16, hovered(0.62, 0.46)),
    },
  },
  {
    id: "grid-hatch",
    type: "fill",
    source: "grids",
    filter: ["==", ["get", "in_band"], false],
    paint: { "fill-pattern": "hatch", "fill-opacity": 0.55 },
  },
];

const base = () => [
  { id: "water", type: "fill", source: "barriers", filter: ["all", polygon, kind("river")], paint: { "fill-color": "#a5d6ec", "fill-outline-color": "#6fb0cf" } },
  line("stream", "barriers", { "line-color": "#a5d6ec", "line-width": grow(12, 2, 17, 10) }, { filter: ["all", lines, kind("river")] }),
  {
    id: "building-fill",
    type: "fill",
    source: "buildings",
    minzoom: 13,
    filter: polygon,
    paint: { "fill-color": "#6f6a63", "fill-opacity": grow(13, 0.16, 16, 0.34), "fill-outline-color": "rgba(70,64,56,.45)" },
  },
  {
    id: "building-dot",
    type: "circle",
    source: "buildings",
    minzoom: 13,
    filter: shape("Point"),
    paint: { "circle-radius": grow(13, 1.2, 17, 4.5), "circle-color": "#6f6a63", "circle-opacity": 0.5 },
  },
  line("path", "streets", { "line-color": "#fff", "line-width": grow(14, 0.6, 18, 4), "line-opacity": 0.85 }, { filter: border("path"), minzoom: 14 }),
  line("street-case", "streets", { "line-color": "#b7b2a8", "line-width": grow(12, 0.9, 18, 13) }, { filter: border("street") }),
  line("main-case", "streets", { "line-color": "#a59a83", "line-width": grow(11, 1.8, 18, 20) }, { filter: border("main", "motorway") }),
  line("street", "streets", { "line-color": "#fff", "line-width": grow(12, 0.5, 18, 11) }, { filter: border("street") }),
  line("main", "streets", { "line-color": "#fff3d6", "line-width": grow(11, 1.1, 18, 17) }, { filter: border("main") }),
  line("motorway", "streets", { "line-color": "#f7cf8a", "line-width": grow(11, 1.2, 18, 17) }, { filter: border("motorway") }),
  line("motorway-barrier", "barriers", { "line-color": "#f7cf8a", "line-width": grow(11, 1.6, 18, 14) }, { filter: ["all", lines, kind("motorway")] }),
  line("rail", "barriers", { "line-color": "#737d87", "line-width": grow(12, 1.4, 17, 4) }, { filter: ["all", lines, kind("railway")] }),
  line(
    "rail-ties",
    "barriers",
    { "line-color": "#fff", "line-width": grow(12, 0.7, 17, 2.4), "line-dasharray": [3, 3] },
    { filter: ["all", lines, kind("railway")], layout: { "line-cap": "butt" } },
  ),
];

const edges = () => [
  line("grid-line", "grids", { "line-color": "#2b4257", "line-width": grow(11, 0.7, 16, 2.4), "line-opacity": 0.85 }),
  line("community-line", "communities", { "line-color": "#7a4f94", "line-width": grow(11, 1.4, 16, 3.4), "line-dasharray": [3, 2] }),
  line("border", "territories", { "line-color": INK, "line-width": grow(11, 1.6, 16, 3.2) }),
  line("chosen-case", "grids", { "line-color": "#fff", "line-width": grow(11, 5, 16, 9) }, { filter: ["==", ["get", "code"], ""] }),
  line("chosen-line", "grids", { "line-color": "#0b3954", "line-width": grow(11, 2.6, 16, 4.6) }, { filter: ["==", ["get", "code"], ""] }),
];

const orders = () => [
  line("route-case", "routes", { "line-color": "#fff", "line-width": grow(12, 2, 17, 7), "line-opacity": 0.9 }),
  line("route-line", "routes", { "line-color": "#b3245f", "line-width": grow(12, 1.1, 17, 3.6) }),
  { id: "fault-fill", type: "fill", source: "faults", filter: polygon, paint: { "fill-color": "#c1121f", "fill-opacity": 0.5 } },
  line("fault-line", "faults", { "line-color": "#c1121f", "line-width": 3 }),
  line("assignment", "assignments", { "line-color": "#7a1f3d", "line-width": 1.3, "line-dasharray": [2, 2] }),
  dot("place", "places", grow(12, 2.5, 17, 6), "#fff", "#586675"),
  dot("station", "stations", grow(12, 3.5, 17, 7.5), "#1f6f5c", "#fff"),
  dot("responder", "responders", grow(12, 2.6, 17, 6), ["case", ["get", "on_duty"], "#1c64b0", "#a9b4bf"], "#fff"),
  dot("unit", "emergency_units", grow(12, 4, 17, 9), "#c1121f", "#fff"),
];

const names = () => [
  label("street-label", "streets", text("street", ["get", "name"]), {
    minzoom: 15,
    filter: ["all", border("main", "street", "motorway"), ["!=", ["get", "name"], ""]],
    layout: { "symbol-placement": "line", "symbol-spacing": 320, "icon-rotation-alignment": "map", "icon-keep-upright": true, "icon-padding": 12 },
  }),
  label("land-label", "exclusive", text("land", ["get", "name"]), { minzoom: 13 }),
  label("place-label", "places", text("place", ["get", "name"]), { minzoom: 15, layout: { "icon-anchor": "top", "icon-offset": [0, 7] } }),
  label("community-label", "community-points", text("community", ["get", "name"])),
  label(
    "grid-label",
    "grid-points",
    ["step", ["zoom"], text("grid", ["get", "short"]), 14.2, text("grid", ["get", "called"], "|", ["to-string", ["get", "households"]])],
    { minzoom: 11.5, layout: { "symbol-sort-key": ["-", ["get", "households"]] } },
  ),
];

const LISTED = ["grid-points", "community-points", "assignments", "faults"];

function sources() {
  const tiled = (id) => ({ type: "vector", url: tiles(id), promoteId: "code" });
  const empty = () => ({ type: "geojson", data: { type: "FeatureCollection", features: [] }, promoteId: "code" });
  return Object.fromEntries([...TILED.map((id) => [id, tiled(id)]), ...LISTED.map((id) => [id, empty()])]);
}

const picked = (yes, no) => ["case", ["boolean", ["feature-state", "picked"], false], yes, no];

// What is drawn only while grids are changed by hand: the plots, those picked, and the place a rule would be broken.
export const PLOTS = [
  { id: "plot-fill", type: "fill", source: "atoms", "source-layer": "atoms", paint: { "fill-color": "#0b3954", "fill-opacity": picked(0.55, 0) } },
  line("plot-line", "atoms", { "line-color": picked("#0b3954", "#5a6978"), "line-width": picked(2.4, 0.6) }, { "source-layer": "atoms", minzoom: 12 }),
  line("broken-line", "broken", { "line-color": "#c1121f", "line-width": 4 }),
  { id: "broken-fill", type: "fill", source: "broken", filter: polygon, paint: { "fill-color": "#c1121f", "fill-opacity": 0.35 } },
];

export function plotSources() {
  return {
    atoms: { type: "vector", url: tiles("atoms"), promoteId: "code" },
    broken: { type: "geojson", data: { type: "FeatureCollection", features: [] } },
  };
}

export function mapStyle() {
  const layers = [...ground(), ...grids(), ...base(), ...edges(), ...orders(), ...names()];
  for (const layer of layers) if (TILED.includes(layer.source)) layer["source-layer"] = layer.source;
  return { version: 8, sources: sources(), layers };
}
