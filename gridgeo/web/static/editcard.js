// The card beside the map while grids are changed by hand.
import { element, gauge, head, open, row } from "./panel.js";
import { number, say } from "./words.js";

const button = (word, press, { off = false, plain = true } = {}) =>
  element("button", { type: "button", class: plain ? "act plain" : "act", disabled: off, onclick: press }, say(word));

const called = (grid) => grid.name || grid.code;

function size(before, after) {
  if (before === after) return number(before);
  const change = after - before;
  return element("span", {}, `${number(before)} → `, element("b", {}, number(after)), ` (${change > 0 ? "+" : "−"}${number(Math.abs(change))})`);
}

// The grid that is changed, and what the picked plots would make of it and of those that give them.
function sizes(editor) {
  const { grids, band } = editor.town;
  const target = grids.get(editor.target).properties;
  const given = editor.given();
  const gain = [...given.values()].reduce((sum, households) => sum + households, 0);
  const after = { ...target, households: target.households + gain };
  const others = [...given].map(([code, households]) => {
    const grid = grids.get(code).properties;
    const left = grid.households - households;
    const poor = grid.kind === "urban" && left < band[0] ? "warn" : "";
    return [element("dt", { title: code }, called(grid)), element("dd", { class: poor }, size(grid.households, left))];
  });
  return [
    element("p", { class: "big" }, element("strong", { id: "edited" }, number(after.households)), ` ${say("households")}`),
    gauge(after, band),
    element(
      "dl",
      { class: "facts sized" },
      element("dt", { title: target.code }, called(target)),
      element("dd", {}, size(target.households, after.households)),
      ...row("edit_picked", number(editor.picked.size)),
      ...others.flat(),
    ),
  ];
}

function naming(editor) {
  const { properties: grid } = editor.town.grids.get(editor.target);
  const input = element("input", { type: "text", maxlength: 80, value: grid.name || "", "aria-label": say("edit_name") });
  const form = element("form", { class: "naming" }, input, button("edit_rename", null, {}));
  form.lastChild.type = "submit";
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    if (input.value.trim()) editor.rename(input.value.trim());
  });
  return form;
}

function tools(editor) {
  const { busy, picked, target } = editor;
  const locked = editor.at.locked.includes(target);
  const outside = editor.outside().length;
  return [
    element(
      "div",
      { class: "acts" },
      button("edit_move", editor.move, { off: busy || !outside, plain: false }),
      button("edit_new", editor.found, { off: busy || !picked.size }),
      button("edit_merge", editor.merge, { off: busy || !outside }),
      button("edit_split", editor.split, { off: busy }),
      button(locked ? "edit_unlock" : "edit_lock", () => editor.lock(!locked), { off: busy }),
      button("edit_other", () => (editor.drop(), editor.aim("")), { off: busy }),
    ),
    naming(editor),
  ];
}

function verdict(editor) {
  const lines = editor.told.map((text) => element("li", {}, text));
  const { problem } = editor;
  return [
    problem ? element("p", { class: "state bad", role: "alert" }, problem.message, problem.hint ? element("small", {}, problem.hint) : "") : null,
    lines.length ? element("ul", { class: "told" }, ...lines) : null,
    editor.busy ? element("p", { class: "state free", role: "status" }, say("edit_busy")) : null,
  ];
}

export function showEditing(editor) {
  const { base, at, moved, busy } = editor;
  const changed = at.digest !== base.digest;
  const facts = { households: number(moved.households_moved), officers: number(moved.officers_affected) };
  const card = document.getElementById("detail");
  const { scrollTop } = card;
  open(
    head(say("editing"), say(changed ? "edit_changed" : "edit_same", facts), () => editor.leave()),
    ...verdict(editor),
    ...(editor.target ? [...sizes(editor), ...tools(editor)] : [element("p", { class: "none" }, say("edit_choose"))]),
    element("h3", {}, say("edit_plan")),
    element(
      "div",
      { class: "acts" },
      button("edit_undo", editor.undo, { off: busy || !changed }),
      button("edit_mend", editor.mend, { off: busy }),
      button("edit_discard", editor.discard, { off: busy || !changed }),
      button("edit_publish", () => editor.publish(), { off: busy || !changed, plain: false }),
    ),
  );
  card.scrollTop = editor.problem ? 0 : scrollTop;
}
