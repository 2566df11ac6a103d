// The planner's map: reads the API, shows the plan, answers which grid a place lies in.
import * as api from "./data.js";
import { Editor } from "./edit.js";
import { makeFinder } from "./find.js";
import { drawLabels } from "./labels.js";
import { SWITCHES, mapStyle } from "./layers.js";
import * as panel from "./panel.js";
import { currentLanguage, say, setLanguage, writeWords } from "./words.js";

const POSTS = { unit: "emergency_units", responder: "responders", station: "stations", place: "places" };
const LISTS = ["grids", "communities", "routes", "assignments", "faults"];
const DRAWN = ["assignments", "faults"]; // the few that are drawn from their lists, not from tiles
const EMPTY = { type: "FeatureCollection", features: [] };
const calm = matchMedia("(prefers-reduced-motion: reduce)").matches;

const state = {
  held: new Set(),
  on: new Set(SWITCHES.filter((entry) => entry.on).map((entry) => entry.id)),
  box: [-180, -85, 180, 85],
  data: Object.fromEntries(LISTS.map((id) => [id, EMPTY])),
  counts: {},
  communities: new Map(),
  grids: new Map(),
  band: [300, 500],
  report: null,
  shown: null, // draws the open card again in the other language
};
let map = null;
let editor = null;

async function read() {
  const { ids, box } = await api.collections();
  [state.held, state.box] = [ids, box];
  await Promise.all(["grids", "communities"].filter((id) => ids.has(id)).map(need));
  state.communities = new Map(state.data.communities.features.map((f) => [f.properties.code, f.properties.name]));
  state.grids = new Map(state.data.grids.features.map((feature) => [feature.properties.code, feature]));
  await Promise.all(SWITCHES.filter(({ id }) => ids.has(id) && !LISTS.includes(id)).map(count));
  const plan = await api.publishedPlan();
  if (plan) state.band = plan.households_band;
  if (!state.grids.size) panel.tell(say("no_plan"));
}

// Show another version of the plan, "" the published one: what depends on the grids is read anew.
async function showVersion(name) {
  api.showVersion(name);
  state.data.grids = EMPTY;
  await need("grids");
  state.grids = new Map(state.data.grids.features.map((feature) => [feature.properties.code, feature]));
  map.getSource("grids").setUrl(api.tiles("grids"));
  if (!name) close();
  fill();
  drawWords();
  prove();
}

// Read a list when it is first needed.
async function need(id) {
  if (state.data[id] === EMPTY && state.held.has(id)) {
    state.data[id] = await api.collection(id, !DRAWN.includes(id));
    state.counts[id] = state.data[id].features.length;
    if (DRAWN.includes(id)) map?.getSource(id)?.setData(state.data[id]);
  }
  return state.data[id].features;
}

async function count({ id }) {
  state.counts[id] = await api.count(id);
}

// The number a planner says aloud: the last three digits of a long code.
const short = (code) => (code.length > 5 && /\d{3}$/.test(code) ? code.slice(-3) : code);

function points(features, more) {
  const listed = features.map(({ properties }) => ({
    type: "Feature",
    geometry: { type: "Point", coordinates: properties.point },
    properties: { ...properties, ...more(properties) },
  }));
  return { type: "FeatureCollection", features: listed };
}

// What the cards leave free of the map, with an open card.
function room() {
  if (innerWidth <= 760) return { top: 40, left: 40, right: 40, bottom: Math.round(innerHeight * 0.52) };
  return { top: 70, bottom: 70, left: 350, right: 370 };
}

function makeMap() {
  const wide = innerWidth > 760;
  map = new maplibregl.Map({
    container: "map",
    style: mapStyle(),
    bounds: state.box,
    fitBoundsOptions: { padding: wide ? { top: 30, bottom: 30, left: 330, right: 30 } : 20 },
    attributionControl: false,
    dragRotate: false,
    pitchWithRotate: false,
    touchPitch: false,
    maxZoom: 19,
    fadeDuration: calm ? 0 : 200,
    canvasContextAttributes: { preserveDrawingBuffer: navigator.webdriver },
  });
  map.touchZoomRotate.disableRotation();
  map.addControl(new maplibregl.NavigationControl({ showCompass: false }), "bottom-right");
  map.addControl(new maplibregl.ScaleControl({ maxWidth: 110 }), "bottom-right");
  drawLabels(map);
  return new Promise((done) => map.on("load", done));
}

function fill() {
  map.getSource("grid-points").setData(points(state.data.grids.features, (grid) => ({ short: short(grid.code), called: grid.name || short(grid.code) })));
  map.getSource("community-points").setData(points(state.data.communities.features, () => ({})));
  SWITCHES.forEach(show);
}

function show(entry) {
  const visibility = state.on.has(entry.id) ? "visible" : "none";
  for (const layer of entry.layers) map.setLayoutProperty(layer, "visibility", visibility);
}

async function toggle(entry, on) {
  if (on) state.on.add(entry.id);
  else state.on.delete(entry.id);
  if (!map) return;
  show(entry);
  if (on && LISTS.includes(entry.id)) await guard(need(entry.id).then(drawSwitches));
}

const drawSwitches = () => panel.showSwitches(state.held, state.on, state.counts, toggle);

async function guard(work) {
  try {
    return await work;
  } catch (error) {
    panel.tell(say("failed", { what: error.message }));
    return null;
  }
}

function mark(code) {
  const filter = ["==", ["get", "code"], code];
  if (!map) return;
  for (const layer of ["chosen-case", "chosen-line"]) map.setFilter(layer, filter);
  const ofGrid = code && state.grids.has(code) ? ["==", ["get", "grid"], code] : null;
  for (const layer of ["route-case", "route-line"]) map.setFilter(layer, ofGrid);
}

function close() {
  if (editor?.active) return editor.leave();
  panel.shut();
  mark("");
  state.shown = null;
  history.replaceState(null, "", location.pathname);
}

async function chooseGrid(code, point = null, fly = false) {
  const feature = state.grids.get(code);
  if (!feature) return panel.tell(say("no_grid", { code }));
  panel.tell("");
  const routes = ((await guard(need("routes"))) || []).map((f) => f.properties).filter((route) => route.grid === code);
  const zoom = async () => {
    const whole = await guard(api.item("grids", code));
    if (whole) map?.fitBounds(api.bounds([whole]), { padding: room(), maxZoom: 17, animate: !calm });
  };
  const grid = feature.properties;
  if (editor?.active) {
    mark(code);
    editor.aim(code);
    return fly ? zoom() : null;
  }
  const edit = map && (() => guard(editor.begin(code)));
  state.shown = () =>
    panel.showGrid(grid, { band: state.band, community: state.communities.get(grid.community), routes, point, close, zoom, edit });
  state.shown();
  mark(code);
  history.replaceState(null, "", `#grid=${encodeURIComponent(code)}`);
  if (fly) await zoom();
}

async function ask({ lng, lat }) {
  const found = await guard(api.locate(lng, lat));
  if (!found) return;
  if (found.grid) return chooseGrid(found.grid, [lng, lat]);
  mark("");
  state.shown = () => panel.showOutside([lng, lat], close);
  state.shown();
}

async function choosePost(layer, post) {
  const id = POSTS[layer];
  const team = id === "emergency_units" ? (await guard(need("assignments"))) || [] : [];
  const own = team.map((feature) => feature.properties).filter((seat) => seat.unit === post.code);
  mark("");
  state.shown = () => panel.showPost(id, post, own, close);
  state.shown();
}

function listen() {
  map.on("click", (event) => {
    if (editor.active) return editor.click(event.point);
    const layers = Object.keys(POSTS).filter((layer) => map.getLayoutProperty(layer, "visibility") !== "none");
    const [post] = map.queryRenderedFeatures(event.point, { layers });
    if (post) choosePost(post.layer.id, post.properties);
    else ask(event.lngLat);
  });
  let hover = null;
  const rest = () => {
    if (hover) map.setFeatureState({ source: "grids", sourceLayer: "grids", id: hover }, { hover: false });
    hover = null;
  };
  map.on("mousemove", "grid-fill", (event) => {
    rest();
    hover = event.features[0].properties.code;
    map.setFeatureState({ source: "grids", sourceLayer: "grids", id: hover }, { hover: true });
    map.getCanvas().style.cursor = "pointer";
  });
  map.on("mouseleave", "grid-fill", () => {
    rest();
    map.getCanvas().style.cursor = "";
  });
  map.getCanvas().addEventListener("keydown", (event) => {
    if (event.key !== "Enter") return;
    if (editor.active) editor.click(map.project(map.getCenter()));
    else ask(map.getCenter());
  });
}

async function prove() {
  if (!state.grids.size) return;
  state.report = await guard(api.coverage());
  if (!state.report) return;
  if (state.report.findings.length) state.held.add("faults");
  drawSwitches();
  drawProof();
}

function drawProof() {
  const names = new Map(state.data.grids.features.map(({ properties: grid }) => [grid.code, grid.name || grid.code]));
  const go = ({ point }) => map?.easeTo({ center: point, zoom: Math.max(map.getZoom(), 15.5), animate: !calm });
  panel.showProof(state.report, async () => {
    mark("");
    state.shown = () => panel.showFindings(state.report, names, go, close);
    state.shown();
    if (!state.report.findings.length) return;
    await toggle(SWITCHES.find((entry) => entry.id === "faults"), true);
    drawSwitches();
  });
}

function drawWords() {
  writeWords();
  document.getElementById("language").setAttribute("aria-label", say("language"));
  panel.showTotals(state.data.grids.features, state.data.communities.features);
  panel.showSizes(state.data.grids.features, state.band);
  drawSwitches();
  if (state.report) drawProof();
  if (editor?.active) editor.draw();
  else state.shown?.();
}

async function start() {
  writeWords();
  document.getElementById("language").addEventListener("click", () => {
    setLanguage(currentLanguage() === "zh" ? "en" : "zh");
    drawWords();
  });
  addEventListener("keydown", (event) => {
    if (event.key === "Escape") close();
  });
  if (innerWidth <= 760) document.querySelector("#overview details").open = false;
  await read();
  drawWords();
  makeFinder(() => state.data.grids.features, state.communities, (code) => chooseGrid(code, null, true));
  try {
    await makeMap();
    fill();
    editor = new Editor(map, state, showVersion);
    listen();
  } catch (error) {
    map = null;
    panel.tell(say("no_map"));
  }
  const wanted = new URLSearchParams(location.hash.slice(1)).get("grid");
  if (wanted) await chooseGrid(wanted, null, true);
  prove();
  if (map) map.once("idle", () => (document.documentElement.dataset.ready = "yes"));
}

guard(start());
