// Nudge one weight.
"use strict";

let pictures = null; // of the net: {weights, units, w1, unit, ink}
let weight = { array: "W1", row: 0, column: 0 };
let unit = 0; // the hidden unit of the weight; with b2, that of the weight before

const h = () => Number($("h").value === "-17" ? "1e-50" : `1e${$("h").value}`);
const s = () => $("s").value * h();

const refreshPictures = latest(async () => {
	pictures = await ask("pictures", { column: unit });
	for (const name of ["w1", "unit", "ink"]) pictures[name] = bytes(pictures[name] ?? "");
	document.querySelectorAll(".weights").forEach(e => { e.textContent = pictures.weights.toLocaleString("en"); });
	paintUnits();
	paintWeight();
});

function paintWeight() {
	if (!pictures) return;
	const pixel = weight.array === "W1" ? weight.row : -1;
	paint($("ink"), pictures.ink, ink, pixel);
	paint($("unit"), pictures.unit, signed, pixel);
	$("unit").ariaValueNow = weight.row;
	document.querySelectorAll(".of-unit").forEach(e => { e.hidden = weight.array === "b2"; });
	document.querySelectorAll(".unit-number").forEach(e => { e.textContent = unit; });
}

function chooseWeight(chosen) {
	if (!pictures) return;
	weight = { ...weight, ...chosen };
	const { array, row, column } = weight;
	const shapes = { W1: [784, pictures.units], b1: [1, pictures.units], W2: [pictures.units, 10], b2: [1, 10] };
	weight.row = Math.max(0, Math.min(Math.round(row), shapes[array][0] - 1));
	weight.column = Math.max(0, Math.min(Math.round(column), shapes[array][1] - 1));
	const before = unit;
	unit = array === "b2" ? Math.min(unit, pictures.units - 1) : array === "W2" ? weight.row : weight.column;
	$("array").value = array;
	[["row", 0], ["column", 1]].forEach(([id, i]) => {
		$(id).max = shapes[array][i] - 1;
		$(id).value = weight[id];
	});
	$("row").disabled = shapes[array][0] === 1;
	$("whole").hidden = true;
	if (unit === before) paintWeight();
	else refreshPictures();
	refreshNudge();
}

function showSteps() {
	for (const [id, text] of [["h", power(h())], ["s", short(s())]]) {
		$(`${id}-value`).textContent = $(id).ariaValueText = text;
	}
}

const refreshNudge = latest(async () => {
	showSteps();
	if (!pictures?.ink.length || exchanging) return;
	const asked = { h: h(), s: s() };
	const n = await ask("nudge", { ...weight, ...asked }).catch(error => {
		document.querySelectorAll("#numbers dd, #nudge svg").forEach(e => e.replaceChildren());
		throw error;
	});
	for (const [id, v] of Object.entries({ value: n.value, loss: n.loss, moved: n.moved, "loss-plus": n.plus, "loss-minus": n.minus })) {
		$(id).textContent = v.toPrecision(17);
	}
	$("difference").textContent = (n.plus - n.minus).toExponential(9);
	markAgreement(n.numerical, n.backprop);
	drawCurve(n, asked);
	drawErrors(n, asked);
});

// markAgreement shows two numbers with the digits that they share in bold.
function markAgreement(numerical, backprop) {
	const [a, b] = [numerical, backprop].map(v => v.toExponential(12));
	let same = 0;
	while (same < a.length && a[same] === b[same]) same++;
	if (a.split("e")[1] !== b.split("e")[1]) same = 0;
	for (const [id, text] of [["numerical", a], ["backprop", b]]) {
		$(id).innerHTML = `<b>${text.slice(0, same)}</b>${text.slice(same)}`;
	}
}

function drawCurve(n, { h, s }) {
	const reach = 2 * h, changes = n.curve, points = changes.map((v, i) => [(2 * i / (changes.length - 1) - 1) * reach, v]);
	const below = Math.min(...changes), above = Math.max(...changes), room = 0.08 * (above - below) || 1e-16;
	const middle = (n.plus + n.minus) / 2 - n.loss;
	const line = (slope, offset) => [-reach, reach].map(v => [v, offset + slope * v]);
	chart($("curve"), { from: -reach, to: reach, name: "s" }, { from: below - room, to: above + room, name: "L(w + s) − L(w)" }, [
		{ kind: "line", points },
		{ kind: "secant", points: line(n.numerical, middle) },
		{ kind: "tangent", points: line(n.backprop, 0) },
	], [
		{ kind: "end", point: [-h, n.minus - n.loss] },
		{ kind: "end", point: [h, n.plus - n.loss] },
		{ kind: "dot", point: [s, n.moved - n.loss] },
	]);
}

// The book's 1e-50 stands on the left of 1e-16, beyond a gap.
const beyond = -19;
const stepTicks = [[beyond, "1e-50"], ...[-16, -12, -8, -4, 0].map(decade)];

function drawErrors(n, { h }) {
	const height = error => Math.log10(Math.max(error, 1e-17)), place = exponent => exponent < -16 ? beyond : exponent;
	const points = n.errors.map((error, k) => [place(k < 17 ? -k : -50), height(error)]), heights = points.map(p => p[1]);
	chart($("errors"), { from: beyond - 0.8, to: 0.5, ticks: stepTicks, name: "h" }, { from: Math.floor(Math.min(...heights)) - 0.5, to: 0.5 + Math.ceil(Math.max(...heights)), log: true, name: "" },
		[{ kind: "line", points: points.slice(0, 17) }],
		[...points.map(point => ({ kind: "small", point })), { kind: "dot", point: [place(Math.log10(h)), height(Math.abs(n.numerical - n.backprop))] }]);
}

function onPixel(canvas, choose) {
	canvas.onclick = event => {
		const [column, row] = [event.offsetX, event.offsetY].map(v => Math.max(0, Math.min(27, Math.floor(v * 28 / canvas.clientWidth))));
		choose(28 * row + column);
	};
}
const chooseInput = row => chooseWeight({ array: "W1", row, column: unit });
for (const id of ["ink", "unit"]) onPixel($(id), chooseInput);
$("unit").onkeydown = event => {
	const by = { ArrowLeft: -1, ArrowRight: 1, ArrowUp: -28, ArrowDown: 28 }[event.key];
	if (!by) return;
	event.preventDefault();
	const row = weight.array === "W1" ? weight.row + by : 406; // in the middle
	if (row >= 0 && row < 784) chooseInput(row);
};
for (const id of ["array", "row", "column"]) {
	$(id).onchange = () => chooseWeight({ array: $("array").value, row: +$("row").value, column: +$("column").value });
}
$("h").oninput = $("s").oninput = ({ target }) => {
	if (target === $("h")) $("whole").hidden = true;
	showSteps();
	refreshNudge();
};
for (const [id, by] of [["minus", -1], ["back", 0], ["plus", 1]]) {
	$(id).onclick = () => {
		$("s").value = by;
		refreshNudge();
	};
}

// The answer is for one h, unit and net: whatever changes these hides it.
$("all").onclick = latest(async () => {
	const step = power(h());
	say($("whole-text"), "Computing …", "計算中 …");
	paint($("gradient"), [], signed);
	$("whole").hidden = false;
	const all = await ask("all", { h: h(), column: unit }).catch(error => {
		$("whole").hidden = true;
		throw error;
	});
	if ($("whole").hidden) return;
	paint($("gradient"), bytes(all.picture), signed);
	const [weights, losses] = [all.weights, all.losses].map(v => v.toLocaleString("en"));
	say($("whole-text"),
		`With h = ${step}, all ${weights} weights took ${all.milliseconds.toFixed(1)} ms. They stand for ${losses} losses, which take ${duration(all.textbook)[0]} one by one. The largest difference from backprop is ${all.deviation.toExponential(1)}. Each change of the loss is computed by itself, not as a difference of two losses, so round-off does not spoil it.`,
		`h = ${step} のとき、${weights} 個の重みすべてで ${all.milliseconds.toFixed(1)} ms。損失 ${losses} 回分で、ひとつずつ計算すると ${duration(all.textbook)[1]}かかる。誤差逆伝播法との差は最大 ${all.deviation.toExponential(1)}。損失どうしの引き算ではなく、変化そのものを計算するので、丸め誤差に強い。`);
});

// duration returns milliseconds in words of both languages.
function duration(milliseconds) {
	let [en, ja, size] = ["s", "秒", 1000];
	for (const unit of [["min", "分", 60e3], ["hours", "時間", 3600e3], ["days", "日", 86400e3]]) if (milliseconds >= 2 * unit[2]) [en, ja, size] = unit;
	const n = (milliseconds / size).toPrecision(2);
	return [`${+n} ${en}`, `${+n} ${ja}`];
}
