// Pictures of 28×28 values, and charts.
"use strict";

const bytes = base64 => Uint8Array.from(atob(base64), c => c.charCodeAt(0));
const ink = v => [0, 0, 0, v];
const signed = v => v < 128 ? [0, 90, 180, 2 * (128 - v)] : [200, 45, 25, 2 * (v - 128)];

// picture returns 28×28 values as a canvas; color maps a value to RGBA.
function picture(values, color) {
	const canvas = document.createElement("canvas");
	canvas.width = canvas.height = 28;
	const image = new ImageData(28, 28);
	values.forEach((v, i) => image.data.set(color(v), 4 * i));
	canvas.getContext("2d").putImageData(image, 0, 0);
	return canvas;
}

// paint fills a canvas with a picture and marks one pixel.
function paint(canvas, values, color, marked = -1) {
	const context = canvas.getContext("2d"), zoom = canvas.width / 28;
	context.clearRect(0, 0, canvas.width, canvas.height);
	context.imageSmoothingEnabled = false;
	if (!values.length) return;
	context.drawImage(picture(values, color), 0, 0, canvas.width, canvas.height);
	if (marked < 0) return;
	context.strokeStyle = "#808080";
	context.lineWidth = 2;
	context.strokeRect(marked % 28 * zoom - 1, Math.floor(marked / 28) * zoom - 1, zoom + 2, zoom + 2);
}

// Ticks are [value, text] pairs. The values of a logarithmic axis are exponents
// of ten.
const power = v => v.toExponential().replace("e+0", "");
const decade = v => [v, power(Number(`1e${v}`))];
const short = v => v !== 0 && Math.abs(v) < 1e-3 ? (+v.toPrecision(2)).toExponential() : String(+v.toPrecision(3));

function ticks({ from, to, log }) {
	let step = 10 ** Math.floor(Math.log10((to - from) / 3));
	while ((to - from) / step > 5.5) step *= step / 10 ** Math.floor(Math.log10(step)) > 1.5 ? 2.5 : 2;
	if (log) step = Math.ceil((to - from) / 5);
	const values = [];
	for (let k = Math.ceil(from / step - 1e-9); k * step <= to + 1e-9 * step; k++) values.push(k * step);
	return values.map(v => log ? decade(v) : [v, short(v)]);
}

// chart draws lines, each {kind, points}, and dots over two axes, each {from, to,
// name} with log or with its own ticks. A name is a text for both languages, or
// a pair.
function chart(svg, x, y, lines, dots = []) {
	const left = 56, right = 342, top = 22, bottom = 190;
	const at = ([a, b]) => [left + (a - x.from) / (x.to - x.from) * (right - left), bottom - (b - y.from) / (y.to - y.from) * (bottom - top)];
	const text = (px, py, anchor, content) => `<text x="${px}" y="${py}" text-anchor="${anchor}">${content}</text>`;
	const parts = [`<clipPath id="${svg.id}-clip"><rect x="${left}" y="${top - 3}" width="${right - left}" height="${bottom - top + 6}"/></clipPath>`];
	for (const [v, label] of ticks(y)) {
		const py = at([x.from, v])[1];
		parts.push(`<line class="grid" x1="${left}" x2="${right}" y1="${py}" y2="${py}"/>`, text(left - 6, py + 4, "end", label));
	}
	for (const [v, label] of x.ticks ?? ticks(x)) parts.push(text(at([v, y.from])[0], bottom + 16, "middle", label));
	const title = (px, py, anchor, name) => [name].flat().map((t, i) => `<text${Array.isArray(name) ? ` class="${["en", "ja"][i]}"` : ""} x="${px}" y="${py}" text-anchor="${anchor}">${t}</text>`).join("");
	parts.push(title(right, bottom + 29, "end", x.name), title(left, top - 10, "start", y.name));
	for (const { kind, points } of lines) {
		parts.push(`<polyline class="${kind}" clip-path="url(#${svg.id}-clip)" points="${points.map(p => at(p).map(v => v.toFixed(1))).join(" ")}"/>`);
	}
	for (const { kind, point } of dots) {
		const [cx, cy] = at(point);
		if (cy > top - 3 && cy < bottom + 3) parts.push(`<circle class="${kind}" cx="${cx}" cy="${cy}" r="${kind === "small" ? 2.5 : 5}"/>`);
	}
	svg.innerHTML = parts.join("");
}
