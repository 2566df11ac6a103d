// Labels as small pictures drawn by the browser's own fonts: any script, no font files, no request to anywhere.
const FONT = '"Noto Sans CJK SC", "PingFang SC", "Microsoft YaHei", "WenQuanYi Micro Hei", system-ui, sans-serif';
const RATIO = Math.min(3, Math.max(2, Math.ceil(globalThis.devicePixelRatio || 1)));

const LOOKS = {
  grid: [{ size: 13, weight: 650, color: "#14222e", halo: 3.5 }, { size: 11, weight: 500, color: "#33475a", halo: 3 }],
  street: [{ size: 11, weight: 500, color: "#5b6672", halo: 3 }],
  land: [{ size: 11.5, weight: 550, color: "#3c6b45", halo: 3 }],
  place: [{ size: 11, weight: 500, color: "#3b4754", halo: 3 }],
  community: [{ size: 14, weight: 700, color: "#5a3d6b", halo: 4 }],
};

// Draw `text|look|line one|line two`, the id under which a layer asks for it.
function draw(id) {
  const [, look, ...lines] = id.split("|");
  const styles = lines.map((_, i) => LOOKS[look][Math.min(i, LOOKS[look].length - 1)]);
  const canvas = document.createElement("canvas");
  const pen = canvas.getContext("2d", { willReadFrequently: true });
  const font = (style) => `${style.weight} ${style.size * RATIO}px ${FONT}`;
  const widths = lines.map((line, i) => {
    pen.font = font(styles[i]);
    return pen.measureText(line).width;
  });
  const heights = styles.map((style) => style.size * 1.3 * RATIO);
  const margin = styles[0].halo * RATIO;
  canvas.width = Math.ceil(Math.max(1, ...widths) + 2 * margin);
  canvas.height = Math.ceil(heights.reduce((sum, height) => sum + height, 0) + margin);
  let y = margin / 2;
  lines.forEach((line, i) => {
    pen.font = font(styles[i]);
    pen.textAlign = "center";
    pen.textBaseline = "middle";
    pen.lineJoin = "round";
    pen.lineWidth = styles[i].halo * RATIO;
    pen.strokeStyle = "rgba(255,255,255,.88)";
    pen.fillStyle = styles[i].color;
    pen.strokeText(line, canvas.width / 2, y + heights[i] / 2);
    pen.fillText(line, canvas.width / 2, y + heights[i] / 2);
    y += heights[i];
  });
  return pen.getImageData(0, 0, canvas.width, canvas.height);
}

// Diagonal lines, for what must be told without color.
function hatch(color) {
  const size = 10 * RATIO;
  const canvas = document.createElement("canvas");
  canvas.width = canvas.height = size;
  const pen = canvas.getContext("2d");
  pen.strokeStyle = color;
  pen.lineWidth = 1.4 * RATIO;
  for (const shift of [-size, 0, size]) {
    pen.beginPath();
    pen.moveTo(shift, size);
    pen.lineTo(shift + size, 0);
    pen.stroke();
  }
  return pen.getImageData(0, 0, size, size);
}

// Let a map draw labels and hatching when a layer asks for them.
export function drawLabels(map) {
  map.on("styleimagemissing", ({ id }) => {
    if (map.hasImage(id)) return;
    if (id.startsWith("text|")) map.addImage(id, draw(id), { pixelRatio: RATIO });
    else if (id === "hatch") map.addImage(id, hatch("#a3122a"), { pixelRatio: RATIO });
  });
}
