// What the page reads from the API it is served with.
import { currentLanguage } from "./words.js";

const PAGE = 10000;

async function json(address) {
  const headers = { Accept: "application/geo+json, application/json", "Accept-Language": currentLanguage() };
  const response = await fetch(address, { headers });
  if (!response.ok) {
    const problem = await response.json().catch(() => ({}));
    throw new Error(problem.detail || `${response.status} ${address}`);
  }
  return response.json();
}

// All features of a collection, page after page; without geometries where tiles draw them.
export async function collection(id, bare = false) {
  const features = [];
  let next = `/collections/${id}/items?limit=${PAGE}${bare ? "&skipGeometry=true" : ""}`;
  while (next) {
    const page = await json(next);
    features.push(...page.features);
    const link = page.links.find((candidate) => candidate.rel === "next");
    next = link ? new URL(link.href).pathname + new URL(link.href).search : "";
  }
  return { type: "FeatureCollection", features };
}

export const item = (id, code) => json(`/collections/${id}/items/${encodeURIComponent(code)}`);

// How many features a collection has.
export async function count(id) {
  return (await json(`/collections/${id}/items?limit=1&skipGeometry=true`)).numberMatched;
}

// Ids of the collections that hold something, and the box they lie in: west, south, east, north.
export async function collections() {
  const { collections: listed } = await json("/collections?f=json");
  return { ids: new Set(listed.map((entry) => entry.id)), box: listed[0].extent.spatial.bbox[0] };
}

export const locate = (lon, lat) => json(`/locate?point=${lon.toFixed(8)},${lat.toFixed(8)}`);

export const coverage = () => json("/coverage?f=json");

export async function publishedPlan() {
  const { plans } = await json("/plans?f=json");
  const shown = plans.find((plan) => plan.published);
  return shown ? json(`/plans/${shown.id}@${shown.version}?f=json`) : null;
}

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
