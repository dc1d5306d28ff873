// Descend.
"use strict";

const names = {
	bowl: ["bowl", "お椀"], long: ["long bowl", "細長いお椀"], saddle: ["saddle", "鞍点"],
	valleys: ["two valleys", "2 つの谷"], plateau: ["plateau", "プラトー"],
};
let edge = 8; // the map goes from −edge to edge
let from = [-7, 2], walked = null; // the start, and the path so far: {points, gradients, …}

const eta = () => Number((10 ** $("eta").value).toPrecision(2));
const descendH = () => stepOf($("descend-h"));

function showDescendSettings() {
	$("eta-value").textContent = $("eta").ariaValueText = short(eta());
	$("descend-h-value").textContent = $("descend-h").ariaValueText = power(descendH());
	say($("function-name"), ...names[$("function").value]);
}

// showDirection labels the options, which cannot hold both languages.
function showDirection() {
	const ja = document.documentElement.lang === "ja";
	[...$("direction").options].forEach((option, i) => { option.textContent = (ja ? ["勾配降下法（−η）", "勾配上昇法（+η）"] : ["descent (−η)", "ascent (+η)"])[i]; });
}

const paintMap = latest(async () => {
	const map = await ask("map", { function: $("function").value }), image = new ImageData(161, 161);
	if (edge !== map.edge) {
		from = [-0.75 * map.edge, 0.5 * map.edge];
		edge = map.edge;
	}
	for (const e of document.querySelectorAll(".edge")) e.textContent = edge;
	bytes(map.bands).forEach((v, i) => image.data.set(signed(Math.round(48 + v * 160 / 240)), 4 * i));
	$("map").getContext("2d").putImageData(image, 0, 0);
});

function drawPath() {
	const unit = 4 / edge, { points, gradients } = walked; // the drawing goes from −4 to 4
	const at = ([x, y]) => [x, -y].map(v => Math.max(-1e3, Math.min(1e3, v * unit)).toFixed(3));
	const parts = [`<polyline points="${points.map(at).join(" ")}"/>`];
	const first = Math.max(0, points.length - 60); // older gradients would hide the path
	for (let i = first; i < points.length; i++) {
		const gradient = gradients[i], length = Math.hypot(...gradient), scale = Math.min(1, 0.25 * length) / length / unit;
		if (!(length > 1e-9)) continue;
		const [x1, y1] = at(points[i]), [x2, y2] = at(points[i].map((v, k) => v + scale * gradient[k]));
		parts.push(`<line class="arrow" x1="${x1}" y1="${y1}" x2="${x2}" y2="${y2}"/>`);
	}
	points.forEach((p, i) => {
		const [cx, cy] = at(p);
		parts.push(`<circle class="${i === points.length - 1 ? "last" : ""}" cx="${cx}" cy="${cy}" r="${i === 0 || i === points.length - 1 ? 0.11 : 0.05}"/>`);
	});
	$("path").innerHTML = parts.join("");
}

function showPath() {
	drawPath();
	const pair = p => `(${p.map(v => v === 0 ? "0" : Math.abs(v) < 1e-3 || Math.abs(v) >= 1e4 ? v.toExponential(2) : v.toFixed(4)).join(", ")})`;
	$("point").textContent = pair(walked.points.at(-1));
	$("height").textContent = walked.value.toPrecision(6);
	$("slope").textContent = pair(walked.gradients.at(-1));
	$("taken").textContent = walked.points.length - 1;
	$("evaluations").textContent = walked.evaluations.toLocaleString("en");
	say($("descend-text"), ...outcome());
	$("step").disabled = $("steps").disabled = walked.away;
	$("again").disabled = false;
}

// outcome describes the result of the last steps.
function outcome() {
	if (walked.away) return ["The point is far outside the map: η is too large, or f has no bound in this direction.", "点が地図のはるか外に出ました。η が大きすぎるか、この方向には f の下限（上昇法では上限）がありません。"];
	if (walked.rounded) return ["x ± h rounds to x: the subtraction finds zero, and the point cannot move. Choose a larger h.", "x ± h が丸められて x になるため、引き算の結果は 0 で、点は動けません。h を大きくしてください。"];
	if (walked.still) return ["The step is too short to see: this is a minimum, a saddle point or a plateau.", "ステップが小さすぎて見えません。ここは極小値、鞍点、またはプラトーです。"];
	return ["", ""];
}

const placeStart = latest(async () => {
	showDescendSettings();
	walked = await ask("place", { function: $("function").value, x: from[0], y: from[1], h: descendH() });
	walked.still = false;
	showPath();
});

const walk = async steps => {
	if (!walked || walked.away) return;
	const more = await ask("descend", { steps, lr: $("direction").value * eta(), h: descendH() });
	walked = { ...more, points: [...walked.points, ...more.points], gradients: [...walked.gradients, ...more.gradients] };
	showPath();
};
$("step").onclick = latest(() => walk(1));
$("steps").onclick = latest(() => walk(50));
$("again").onclick = placeStart;
$("function").onchange = async () => {
	await paintMap();
	placeStart();
};
$("eta").oninput = $("descend-h").oninput = showDescendSettings;

// A start is a multiple of edge/40, so that a click can hit the ridge of the
// saddle.
function startAt(x, y) {
	from = [x, y].map(v => Math.round(40 * Math.max(-1, Math.min(1, v / edge))) * edge / 40);
	placeStart();
}
$("path").onclick = event => {
	const box = $("path").getBoundingClientRect();
	startAt(edge * (2 * (event.clientX - box.x) / box.width - 1), edge * (1 - 2 * (event.clientY - box.y) / box.height));
};
$("path").onkeydown = event => {
	const by = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, 1], ArrowDown: [0, -1] }[event.key];
	if (!by) return;
	event.preventDefault();
	startAt(from[0] + by[0] * edge / 40, from[1] + by[1] * edge / 40);
};
