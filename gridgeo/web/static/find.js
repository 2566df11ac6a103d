// The search box: a combobox over all grids, for mouse, touch and keyboard.
import { element } from "./panel.js";
import { number, say } from "./words.js";

const MOST = 30;

// `grids` gives the grids of the plan that is shown.
export function makeFinder(grids, communities, choose) {
  const input = document.getElementById("find");
  const list = document.getElementById("found");
  const rows = () =>
    grids().map(({ properties: grid }) => {
      const community = communities.get(grid.community) || "";
      return { grid, community, text: `${grid.code} ${grid.name} ${community}`.toLowerCase() };
    });
  let active = -1;

  const shut = () => {
    list.hidden = true;
    input.setAttribute("aria-expanded", "false");
    input.removeAttribute("aria-activedescendant");
    active = -1;
  };

  const take = (code) => {
    shut();
    input.value = "";
    choose(code);
  };

  const mark = (next) => {
    const options = list.querySelectorAll("[role=option]");
    if (!options.length) return;
    active = (next + options.length) % options.length;
    options.forEach((option, i) => option.setAttribute("aria-selected", String(i === active)));
    input.setAttribute("aria-activedescendant", options[active].id);
    options[active].scrollIntoView({ block: "nearest" });
  };

  const show = () => {
    const wanted = input.value.trim().toLowerCase().split(/\s+/);
    const hits = rows().filter((row) => wanted.every((word) => row.text.includes(word))).slice(0, MOST);
    const options = hits.map(({ grid, community }, i) => {
      const name = element("b", {}, grid.name || grid.code);
      const more = element("small", {}, `${grid.name ? grid.code + " · " : ""}${community} · ${number(grid.households)} ${say("households")}`);
      const option = element("li", { role: "option", id: `found-${i}`, "data-code": grid.code, "aria-selected": "false" }, name, more);
      option.addEventListener("pointerdown", (event) => {
        event.preventDefault();
        take(grid.code);
      });
      return option;
    });
    list.replaceChildren(...(options.length ? options : [element("li", { class: "none" }, say("find_none"))]));
    list.hidden = false;
    input.setAttribute("aria-expanded", "true");
    active = -1;
  };

  input.addEventListener("input", show);
  input.addEventListener("focus", show);
  input.addEventListener("blur", shut);
  input.addEventListener("keydown", (event) => {
    if (event.key === "Escape") shut();
    else if (event.key === "ArrowDown") mark(active + 1);
    else if (event.key === "ArrowUp") mark(active - 1);
    else if (event.key === "Enter") {
      const option = list.querySelectorAll("[role=option]")[Math.max(0, active)];
      if (option && !list.hidden) take(option.dataset.code);
    } else return;
    if (event.key !== "Escape") event.preventDefault();
  });
}
