// Every word of the page, in both languages. A key missing in one language fails a test.
export const WORDS = {
  zh: {
    subtitle: "网格方案 · 巡查 · 应急",
    skip: "跳到查找网格",
    home: "首页",
    find: "查找网格：编码或名称",
    find_none: "没有符合的网格",
    map: "网格地图：方向键平移，加减号缩放，回车查询中心点",
    language: "Switch to English",
    overview: "总览",
    sizes: "网格规模（户）",
    band: "规定 {low}–{high} 户",
    layers: "图层",
    key_colors: "颜色只为区分相邻网格",
    key_hatch: "斜纹：规模不在规定范围",
    histogram: "{grids} 个网格，{inside} 个在规定范围内",
    grids: "网格",
    households: "户数",
    in_band: "达标网格",
    out_of_band: "未达标",
    communities: "社区",
    buildings: "楼栋",
    streets: "道路",
    routes: "巡查路线",
    emergency_units: "最小应急单元",
    responders: "应急力量",
    assignments: "应急指派",
    stations: "网格站",
    places: "重点场所",
    faults: "问题位置",
    proof_yes: "全覆盖已证明",
    proof_yes_more: "逐边核对：{edges} 条边全部抵消，无空隙、无重叠",
    proof_no: "发现 {n} 处问题",
    proof_no_more: "点击在地图上查看问题位置",
    proof_rules: "全覆盖已证明，{n} 项提示",
    proof_rules_more: "边界逐边吻合；提示为规模等规则，点击查看",
    grid: "网格",
    code: "编码",
    kind: "类型",
    urban: "城市网格",
    rural: "农村网格",
    exclusive: "专属网格",
    community: "社区",
    area: "面积",
    perimeter: "周长",
    compactness: "紧凑度",
    band_yes: "规模达标",
    band_no: "规模不在规定范围",
    band_low: "比下限少 {n} 户",
    band_high: "比上限多 {n} 户",
    band_free: "此类网格不设规模",
    patrol: "每轮巡查",
    patrol_value: "{km} 公里，约 {min} 分钟",
    place: "点选位置",
    outside: "此处不在辖区内",
    outside_more: "请点选辖区边界以内的位置。",
    close: "关闭",
    zoom: "放大查看",
    on_duty: "在岗",
    off_duty: "不在岗",
    can_lead: "可任点长",
    need: "需要人数",
    team: "已指派",
    lead: "点长",
    member: "成员",
    walk: "步行 {min} 分 {sec} 秒",
    nobody: "尚未指派",
    shut: "关闭",
    no_plan: "尚未发布网格方案。运行绘制流程后，此处显示网格。",
    failed: "数据没有读到：{what}",
    no_map: "此浏览器不支持 WebGL，无法显示地图；查找和总览仍可使用。",
    ha: "公顷",
    m: "米",
    none: "无",
  },
  en: {
    subtitle: "Grids · patrols · emergency",
    skip: "Skip to grid search",
    home: "Home",
    find: "Find a grid by code or name",
    find_none: "No grid matches",
    map: "Grid map: arrow keys pan, plus and minus zoom, Enter asks for the center",
    language: "切换为中文",
    overview: "Overview",
    sizes: "Households per grid",
    band: "band {low}–{high}",
    layers: "Layers",
    key_colors: "Colors only tell neighbors apart",
    key_hatch: "Hatched: outside the size band",
    histogram: "{grids} grids, {inside} inside the size band",
    grids: "Grids",
    households: "Households",
    in_band: "In size band",
    out_of_band: "Out of band",
    communities: "Communities",
    buildings: "Buildings",
    streets: "Streets",
    routes: "Patrol routes",
    emergency_units: "Emergency units",
    responders: "Responders",
    assignments: "Assignments",
    stations: "Grid stations",
    places: "Places",
    faults: "Faults",
    proof_yes: "Complete, proven",
    proof_yes_more: "Checked edge by edge: all {edges} edges cancel, no gap and no overlap",
    proof_no: "{n} faults found",
    proof_no_more: "Press to show the faults on the map",
    proof_rules: "Complete, proven; {n} remarks",
    proof_rules_more: "Edges match exactly; the remarks are about size and the like, press to show",
    grid: "Grid",
    code: "Code",
    kind: "Kind",
    urban: "Urban grid",
    rural: "Rural grid",
    exclusive: "Exclusive grid",
    community: "Community",
    area: "Area",
    perimeter: "Perimeter",
    compactness: "Compactness",
    band_yes: "In size band",
    band_no: "Outside the size band",
    band_low: "{n} below the band",
    band_high: "{n} above the band",
    band_free: "No size band for this kind",
    patrol: "Each patrol",
    patrol_value: "{km} km, about {min} min",
    place: "You pointed at",
    outside: "Outside the territory",
    outside_more: "Pick a point inside the boundary.",
    close: "Close",
    zoom: "Zoom to it",
    on_duty: "On duty",
    off_duty: "Off duty",
    can_lead: "May lead",
    need: "People wanted",
    team: "Team",
    lead: "Lead",
    member: "Member",
    walk: "{min} min {sec} s on foot",
    nobody: "Nobody assigned yet",
    shut: "Close",
    no_plan: "No plan is published yet. Run the draw process to see grids here.",
    failed: "Data could not be read: {what}",
    no_map: "This browser has no WebGL, so the map cannot be shown; search and overview still work.",
    ha: "ha",
    m: "m",
    none: "none",
  },
};

const KEPT = "gridgeo-language";

// The reader's own choice, then the server's, then the browser's.
export function firstLanguage() {
  const kept = localStorage.getItem(KEPT) || document.documentElement.dataset.lang;
  if (kept in WORDS) return kept;
  return navigator.language.toLowerCase().startsWith("en") ? "en" : "zh";
}

let language = firstLanguage();

export const currentLanguage = () => language;

export function setLanguage(next) {
  language = next;
  localStorage.setItem(KEPT, next);
}

export function say(key, facts = {}) {
  return WORDS[language][key].replace(/{(\w+)}/g, (_, name) => facts[name] ?? "");
}

export function number(value, digits = 0) {
  const locale = language === "zh" ? "zh-CN" : "en";
  return new Intl.NumberFormat(locale, { maximumFractionDigits: digits }).format(value);
}

// Put the words into the page: data-word is text, data-label an accessible name, data-hint a placeholder.
export function writeWords(root = document) {
  document.documentElement.lang = language === "zh" ? "zh-CN" : "en";
  for (const node of root.querySelectorAll("[data-word]")) node.textContent = say(node.dataset.word);
  for (const node of root.querySelectorAll("[data-label]")) node.setAttribute("aria-label", say(node.dataset.label));
  for (const node of root.querySelectorAll("[data-hint]")) node.placeholder = say(node.dataset.hint);
}
