// Grids changed by hand: plots are picked on the map; the service proves each step and keeps it as a version.
import * as api from "./data.js";
import { showEditing } from "./editcard.js";
import { PLOTS, plotSources } from "./layers.js";
import { say } from "./words.js";

const EMPTY = { type: "FeatureCollection", features: [] };

// `town` is what the page knows of the plan shown; `show(version)` reads another one, "" the published plan.
export class Editor {
  constructor(map, town, show) {
    Object.assign(this, { map, town, show, active: false });
  }

  // Begin with the latest version of the plan in force, which may hold steps nobody published yet.
  async begin(code = "") {
    if (this.active) return this.aim(code);
    const published = await api.publishedPlan();
    const latest = await api.plan(published.id);
    Object.assign(this, { active: true, base: published, picked: new Map(), target: "", told: [], problem: null, busy: false, drawn: false });
    document.body.classList.add("editing");
    const sources = plotSources();
    for (const [id, source] of Object.entries(sources)) this.map.addSource(id, source);
    for (const layer of PLOTS) this.map.addLayer(layer, layer.id.startsWith("plot") ? "grid-line" : undefined);
    this.map.once("idle", () => {
      this.drawn = true;
      this.draw();
    });
    await this.arrive(latest);
    if (code) this.aim(code);
  }

  async leave() {
    this.active = false;
    for (const layer of PLOTS) this.map.removeLayer(layer.id);
    for (const id of Object.keys(plotSources())) this.map.removeSource(id);
    document.body.classList.remove("editing");
    delete document.body.dataset.editor;
    await this.show("");
  }

  // A version is there: show it, and what sets it apart from the plan in force.
  async arrive(version, told = []) {
    const name = `${version.id}@${version.version}`;
    const same = version.digest === this.base.digest;
    const none = { households_moved: 0, officers_affected: 0 };
    [this.at, this.labels, this.moved] = await Promise.all([
      api.plan(name),
      api.labels(name),
      same ? none : api.difference(`${this.base.id}@${this.base.version}`, name),
    ]);
    await this.show(name);
    Object.assign(this, { told, problem: null });
    this.drop();
    if (!this.town.grids.has(this.target)) this.target = "";
    this.aim(this.target);
  }

  get name() {
    return `${this.at.id}@${this.at.version}`;
  }

  aim(code) {
    this.target = code;
    this.draw();
  }

  // A click while editing: the first one chooses the grid to change, the next ones pick plots.
  click(point) {
    const [plot] = this.map.queryRenderedFeatures(point, { layers: ["plot-fill"] });
    if (!plot || this.busy) return;
    const { code, households } = plot.properties;
    if (!this.target) return this.aim(this.labels[code]);
    const on = !this.picked.has(code);
    if (on) this.picked.set(code, households);
    else this.picked.delete(code);
    this.map.setFeatureState({ source: "atoms", sourceLayer: "atoms", id: code }, { picked: on });
    this.problem = null;
    this.draw();
  }

  drop() {
    this.picked.clear();
    this.map.removeFeatureState({ source: "atoms", sourceLayer: "atoms" });
    this.map.getSource("broken").setData(EMPTY);
  }

  // Households given by each grid if the picked plots went to the target.
  given() {
    const given = new Map();
    for (const [code, households] of this.picked) {
      const owner = this.labels[code];
      if (owner !== this.target) given.set(owner, (given.get(owner) || 0) + households);
    }
    return given;
  }

  outside() {
    return [...this.picked.keys()].filter((code) => this.labels[code] !== this.target);
  }

  // Ask the service for one change; what it refuses is told, with its place, and nothing has changed.
  async ask(address, body, seen = this.name) {
    if (this.busy) return;
    this.busy = true;
    this.draw();
    try {
      const done = await api.change(`/plans/${this.at.id}/${address}`, body, seen);
      await this.arrive(done, (done.notices || []).map((notice) => notice.text));
    } catch (problem) {
      if (problem.status === 412) await this.catchUp();
      else this.refuse(problem);
    } finally {
      this.busy = false;
      if (this.active) this.draw();
    }
  }

  refuse(problem) {
    this.problem = problem;
    const shape = problem.geometry;
    this.map.getSource("broken").setData(shape ? { type: "Feature", geometry: shape, properties: {} } : EMPTY);
  }

  // Somebody else was faster: show where the plan stands now.
  async catchUp() {
    await this.arrive(await api.plan(this.at.id));
    this.problem = { message: say("edit_stale"), hint: "" };
  }

  edit(...edits) {
    return this.ask("edits", { edits, note: say("edit_note") });
  }

  move = () => this.edit({ op: "move", atoms: this.outside(), to: this.target });
  found = () => this.edit({ op: "new", atoms: [...this.picked.keys()] });
  merge = () => this.edit({ op: "merge", grids: [this.target, ...this.given().keys()], into: this.target });
  split = () => this.edit({ op: "split", grid: this.target, parts: 2 });
  lock = (on) => this.edit({ op: on ? "lock" : "unlock", grid: this.target });
  rename = (name) => this.edit({ op: "rename", grid: this.target, name });
  mend = () => this.edit({ op: "fix-rest", keep: this.target ? [this.target] : [] });
  undo = () => this.ask("undo", {});
  discard = () => this.ask("restore", { version: this.base.version, note: say("edit_discarded") });

  async publish() {
    this.busy = true;
    this.draw();
    try {
      await api.change(`/plans/${this.at.id}/publish`, { version: this.at.version });
      await this.leave();
    } catch (problem) {
      this.refuse(problem);
    } finally {
      this.busy = false;
      if (this.active) this.draw();
    }
  }

  draw() {
    if (!this.active) return;
    document.body.dataset.editor = this.busy || !this.drawn ? "busy" : "ready"; // whether plots can be picked
    showEditing(this);
  }
}
