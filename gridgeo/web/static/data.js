// What the page reads from the API it is served with.
import { currentLanguage } from "./words.js";

const PAGE = 10000;

const prefix = document.documentElement.dataset.root; // path the whole service is mounted under
let root = ""; // address of the version that is shown; the published plan answers at the root

export function showVersion(name) {
  root = name ? `/plans/${encodeURI(name)}` : "";
}

// A request that failed, with what the service says of it.
export class Problem extends Error {
  constructor(status, body, address) {
    super(body.detail || `${status} ${address}`);
    Object.assign(this, { status, hint: body.hint || "", geometry: body.geometry || null });
  }
}

async function ask(address, more = {}) {
  const headers = { Accept: "application/geo+json, application/json", "Accept-Language": currentLanguage(), ...more.headers };
  const response = await fetch(address, { ...more, headers });
  if (!response.ok) throw new Problem(response.status, await response.json().catch(() => ({})), address);
  return response.json();
}

const json = (address) => ask(prefix + address);

// Change something; `seen` names the version the change is meant for.
export function change(address, body, seen) {
  const headers = { "Content-Type": "application/json", ...(seen ? { "If-Match": `"${seen}"` } : {}) };
  return ask(prefix + address, { method: "POST", headers, body: JSON.stringify(body) });
}

// All features of a collection, page after page; without geometries where tiles draw them.
export async function collection(id, bare = false) {
  const features = [];
  let next = `${prefix}${root}/collections/${id}/items?limit=${PAGE}${bare ? "&skipGeometry=true" : ""}`;
  while (next) {
    const page = await ask(next);
    features.push(...page.features);
    const link = page.links.find((candidate) => candidate.rel === "next");
    next = link ? new URL(link.href).pathname + new URL(link.href).search : "";
  }
  return { type: "FeatureCollection", features };
}

export const item = (id, code) => json(`${root}/collections/${id}/items/${encodeURIComponent(code)}`);

// How many features a collection has.
export async function count(id) {
  return (await json(`/collections/${id}/items?limit=1&skipGeometry=true`)).numberMatched;
}

// Ids of the collections that hold something, and the box they lie in: west, south, east, north.
export async function collections() {
  const { collections: listed } = await json("/collections?f=json");
  return { ids: new Set(listed.map((entry) => entry.id)), box: listed[0].extent.spatial.bbox[0] };
}

export const locate = (lon, lat) => json(`${root}/locate?point=${lon.toFixed(8)},${lat.toFixed(8)}`);

export const coverage = () => json(`${root}/coverage?f=json`);

export const tiles = (id) => `${location.origin}${prefix}${root}/collections/${id}/tiles/WebMercatorQuad/tilejson`;

// All versions of all plans, oldest first.
async function versions() {
  const found = [];
  for (let more = true; more; ) {
    const { plans, numberMatched } = await json(`/plans?f=json&limit=${PAGE}&offset=${found.length}`);
    found.push(...plans);
    more = plans.length > 0 && found.length < numberMatched;
  }
  return found;
}

export async function publishedPlan() {
  const shown = (await versions()).find((plan) => plan.published);
  return shown ? json(`/plans/${shown.id}@${shown.version}?f=json`) : null;
}

export const plan = (name) => json(`/plans/${encodeURI(name)}?f=json`);
export const labels = async (name) => (await json(`/plans/${encodeURI(name)}/labels`)).labels;
export const difference = (name, to) => json(`/plans/${encodeURI(name)}/diff?f=json&to=${encodeURIComponent(to)}`);

// West, south, east, north of all coordinates.
export function bounds(features) {
  const box = [Infinity, Infinity, -Infinity, -Infinity];
  const visit = (part) => {
    if (typeof part[0] === "number") {
      box[0] = Math.min(box[0], part[0]);
      box[1] = Math.min(box[1], part[1]);
      box[2] = Math.max(box[2], part[0]);
      box[3] = Math.max(box[3], part[1]);
    } else part.forEach(visit);
  };
  for (const feature of features) if (feature.geometry) visit(feature.geometry.coordinates);
  return box;
}
