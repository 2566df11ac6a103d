// The cards beside the map: totals, sizes, layers, and what one grid or one post says of itself.
import { number, say } from "./words.js";
import { PALETTE, SWITCHES } from "./layers.js";

const SVG = "http://www.w3.org/2000/svg";

export function element(name, attributes = {}, ...children) {
  const node = document.createElement(name);
  for (const [key, value] of Object.entries(attributes)) {
    if (key === "onclick") node.addEventListener("click", value);
    else if (value !== false && value !== null) node.setAttribute(key, value === true ? "" : value);
  }
  node.append(...children.filter((child) => child !== null));
  return node;
}

const figure = (key, value, more = "") =>
  element("div", { class: more }, element("dt", {}, say(key)), element("dd", {}, value));

export function showTotals(grids, communities) {
  const rows = grids.map((feature) => feature.properties);
  const urban = rows.filter((row) => row.kind === "urban");
  const inside = urban.filter((row) => row.in_band).length;
  const households = rows.reduce((sum, row) => sum + row.households, 0);
  const share = urban.length ? ` (${number((100 * inside) / urban.length, 1)}%)` : "";
  document.getElementById("figures").replaceChildren(
    figure("grids", number(rows.length)),
    figure("households", number(households)),
    figure("communities", number(communities.length)),
    figure("in_band", number(inside) + share),
    figure("out_of_band", number(urban.length - inside), urban.length > inside ? "warn" : ""),
  );
}

// How many grids have how many households, with the size band shaded.
export function showSizes(grids, band) {
  const svg = document.getElementById("histogram");
  svg.replaceChildren();
  const urban = grids.map((feature) => feature.properties).filter((row) => row.kind === "urban");
  document.querySelector(".sizes").hidden = urban.length === 0;
  if (!urban.length) return;
  const [low, high] = band;
  document.getElementById("band").textContent = say("band", { low: number(low), high: number(high) });
  const step = Math.max(1, Math.round((high - low) / 10));
  const first = Math.max(0, low - 5 * step);
  const bins = new Array(20).fill(0);
  for (const { households } of urban) {
    const place = (households === high ? high - 1 : households) - first; // the band holds its upper end
    bins[Math.min(19, Math.max(0, Math.floor(place / step)))] += 1;
  }
  const top = Math.max(...bins);
  const at = (value) => ((value - first) / (20 * step)) * 240;
  const shape = (name, attributes) => {
    const node = document.createElementNS(SVG, name);
    for (const [key, value] of Object.entries(attributes)) node.setAttribute(key, value);
    svg.append(node);
  };
  shape("rect", { x: at(low), y: 0, width: at(high) - at(low), height: 64, class: "within" });
  bins.forEach((count, i) => {
    const height = count ? Math.max(2, (count / top) * 58) : 0;
    const fits = first + i * step >= low && first + i * step < high;
    shape("rect", { x: i * 12 + 1, y: 64 - height, width: 10, height, rx: 1.5, class: fits ? "bin" : "bin out" });
  });
  const inside = urban.filter((row) => row.in_band).length;
  svg.setAttribute("aria-label", say("histogram", { grids: number(urban.length), inside: number(inside) }));
}

export function showSwitches(held, on, counts, toggle) {
  const box = document.getElementById("layers");
  const rows = SWITCHES.filter((entry) => held.has(entry.id)).map((entry) => {
    const input = element("input", { type: "checkbox", id: `layer-${entry.id}` });
    input.checked = on.has(entry.id);
    input.addEventListener("change", () => toggle(entry, input.checked));
    const count = counts[entry.id] === undefined ? "" : number(counts[entry.id]);
    return element(
      "label",
      { for: input.id },
      input,
      element("span", { class: `look ${entry.look}`, "aria-hidden": "true" }),
      element("span", { class: "name" }, say(entry.id)),
      element("span", { class: "count" }, count),
    );
  });
  box.replaceChildren(element("legend", {}, say("layers")), ...rows);
}

export const row = (key, ...value) => [element("dt", {}, say(key)), element("dd", {}, ...value)];

export function head(title, subtitle, close, color = "") {
  const swatch = element("span", { class: "swatch", "aria-hidden": "true" });
  if (color) swatch.style.background = color;
  return element(
    "header",
    {},
    color ? swatch : null,
    element("div", {}, element("h2", {}, title), element("p", {}, subtitle)),
    element("button", { type: "button", class: "close", "aria-label": say("close"), onclick: close }, "×"),
  );
}

function bandState(grid, band) {
  const [low, high] = band;
  if (grid.kind !== "urban") return element("p", { class: "state free" }, say("band_free"));
  if (grid.in_band) return element("p", { class: "state good" }, `✓ ${say("band_yes")}`);
  const below = grid.households < low;
  const by = below ? say("band_low", { n: number(low - grid.households) }) : say("band_high", { n: number(grid.households - high) });
  return element("p", { class: "state bad" }, `▲ ${say("band_no")} · ${by}`);
}

// Where the grid's households lie in the size band.
export function gauge(grid, band) {
  if (grid.kind !== "urban") return null;
  const [low, high] = band;
  const end = Math.max(high * 1.4, grid.households);
  const bar = element("div", { class: "gauge", "aria-hidden": "true" }, element("i"), element("b"));
  bar.children[0].style.left = `${(100 * low) / end}%`;
  bar.children[0].style.width = `${(100 * (high - low)) / end}%`;
  bar.children[1].style.left = `${(100 * grid.households) / end}%`;
  return bar;
}

export function open(...children) {
  const card = document.getElementById("detail");
  card.replaceChildren(...children.filter((child) => child !== null));
  card.hidden = false;
  document.body.classList.add("asking");
  return card;
}

export function shut() {
  document.getElementById("detail").hidden = true;
  document.body.classList.remove("asking");
}

const pointText = (point) => `${point[0].toFixed(5)}, ${point[1].toFixed(5)}`;

export function showGrid(grid, { band, community, routes, point, close, zoom, edit }) {
  const area = grid.area_m2 >= 10000 ? `${number(grid.area_m2 / 10000, 2)} ${say("ha")}` : `${number(grid.area_m2)} m²`;
  const walk = routes.length
    ? row("patrol", say("patrol_value", { km: number(routes[0].length_m / 1000, 1), min: number((routes[0].walk_s + (routes[0].service_s || 0)) / 60) }))
    : [];
  const households = element("p", { class: "big" }, element("strong", { id: "households" }, number(grid.households)), ` ${say("households")}`);
  open(
    head(grid.name || grid.code, grid.name ? grid.code : say("grid"), close, PALETTE[grid.color] || "#b9c2ca"),
    households,
    gauge(grid, band),
    bandState(grid, band),
    element(
      "dl",
      { class: "facts" },
      ...row("kind", say(grid.kind)),
      ...row("community", community || say("none")),
      ...row("buildings", number(grid.buildings)),
      ...row("area", area),
      ...row("perimeter", `${number(grid.perimeter_m)} ${say("m")}`),
      ...row("compactness", number(grid.compactness, 2)),
      ...walk,
      ...(point ? row("place", pointText(point)) : []),
    ),
    element(
      "div",
      { class: "acts" },
      element("button", { type: "button", class: "act", onclick: zoom }, say("zoom")),
      element("button", { type: "button", class: "act plain", onclick: edit }, say("edit")),
    ),
  );
}

export function showOutside(point, close) {
  const facts = element("dl", { class: "facts" }, ...row("place", pointText(point)));
  open(head(say("outside"), say("outside_more"), close), facts);
}

const walkText = (seconds) => say("walk", { min: Math.floor(seconds / 60), sec: Math.round(seconds % 60) });

function teamList(team) {
  if (!team.length) return element("p", { class: "none" }, say("nobody"));
  const order = [...team].sort((a, b) => (a.role === b.role ? a.walk_s - b.walk_s : a.role === "lead" ? -1 : 1));
  const items = order.map((post) =>
    element("li", {}, element("b", {}, post.responder), ` ${say(post.role)} · ${walkText(post.walk_s)}`),
  );
  return element("ol", { class: "team" }, ...items);
}

// One emergency unit, responder, station or place.
export function showPost(id, post, team, close) {
  const facts = [];
  if (post.name) facts.push(...row("code", post.code));
  if (post.grid) facts.push(...row("grid", post.grid));
  if (post.need) facts.push(...row("need", number(post.need)));
  const states = [];
  if (id === "responders") states.push(say(post.on_duty ? "on_duty" : "off_duty"), ...(post.can_lead ? [say("can_lead")] : []));
  open(
    head(post.name || post.code, say(id), close),
    states.length ? element("p", { class: "state free" }, states.join(" · ")) : null,
    facts.length ? element("dl", { class: "facts" }, ...facts) : null,
    id === "emergency_units" ? element("h3", {}, say("team")) : null,
    id === "emergency_units" ? teamList(team) : null,
  );
}

// What the proof says, and every finding with a way to its place.
export function showFindings(report, names, go, close) {
  const word = (yes) => say(yes ? "yes" : "no");
  const items = report.findings.map((finding) => {
    const grids = finding.grids.map((code) => names.get(code) || code).join(", ");
    const size = finding.area_m2 ? ` · ${number(finding.area_m2, 1)} m²` : "";
    const text = [element("b", {}, say(`fault_${finding.kind}`)), element("small", {}, grids + size)];
    return element("li", {}, element("button", { type: "button", onclick: () => go(finding) }, ...text));
  });
  open(
    head(say("coverage"), say(report.complete ? "proof_yes" : "proof_no", { n: number(report.findings.length) }), close),
    element(
      "dl",
      { class: "facts" },
      ...row("complete", word(report.complete)),
      ...row("exact", word(report.exact)),
      ...row("edges", number(report.certificate.edges)),
    ),
    items.length ? element("ol", { class: "findings" }, ...items) : null,
  );
}

export function showProof(report, press) {
  const button = document.getElementById("proof");
  const faults = report.findings.length;
  const kind = !report.complete ? "no" : faults ? "rules" : "yes";
  const facts = { n: number(faults), edges: number(report.certificate.edges) };
  document.getElementById("proof-text").textContent = say(`proof_${kind}`, facts);
  document.getElementById("proof-more").textContent = say(`proof_${kind}_more`, facts);
  button.title = say(`proof_${kind}_more`, facts);
  button.className = `proof ${kind}`;
  button.hidden = false;
  button.onclick = press;
}

export function tell(text) {
  document.getElementById("notice").textContent = text;
}
