// Nudge one weight.
"use strict";

let pictures = null; // of the net: {weights, units, w1, unit, ink}
let weight = { array: "W1", row: 0, column: 0 };
let unit = 0; // hidden unit of the weight; a weight of b2 leaves it unchanged

// stepOf returns the h of a slider. Its leftmost place is the book's 1e-50.
const stepOf = slider => Number(slider.value === "-17" ? "1e-50" : `1e${slider.value}`);
const h = () => stepOf($("h"));
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
	$("nudge").ariaBusy = "true"; // a large net takes seconds
	const n = await ask("nudge", { ...weight, ...asked, milliseconds: running ? 300 : 1000 }).catch(error => {
		document.querySelectorAll("#numbers dd, #nudge svg").forEach(e => e.replaceChildren());
		throw error;
	}).finally(() => { $("nudge").ariaBusy = "false"; });
	for (const [id, v] of Object.entries({ value: n.value, loss: n.loss, moved: n.moved, "loss-plus": n.plus, "loss-minus": n.minus })) {
		$(id).textContent = v.toPrecision(17);
	}
	$("batch-accuracy").textContent = [n.accuracy, n.movedAccuracy].map(v => `${Math.round(100 * v)} %`).join(", ");
	$("difference").textContent = (n.plus - n.minus).toExponential(9);
	$("rounded").hidden = n.value + asked.h !== n.value || n.value - asked.h !== n.value;
	markAgreement(n.numerical, n.backprop);
	drawCurve(n, asked);
	drawErrors(n, asked);
	if (!n.done && !running) refreshNudge(); // the rest of the curves
});

// markAgreement shows two numbers with their common digits in bold.
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
	const reach = 2 * h, points = n.curve.map((v, i) => [(i / 40 - 1) * reach, v]);
	const ends = [...n.curve, n.plus - n.loss, n.minus - n.loss], below = Math.min(...ends), above = Math.max(...ends), room = 0.08 * (above - below) || 1e-16;
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

// The book's 1e-50 is on the left of 1e-16, after a gap.
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

// The gradient of all weights is for one h, unit and net: any change hides it.
let whole = null;
$("all").onclick = latest(async () => {
	const step = power(h());
	say($("whole-text"), "Computing …", "計算中です …");
	say($("textbook-text"), "", "");
	paint($("gradient"), [], signed);
	$("textbook-switch").checked = false;
	$("whole").hidden = false;
	whole = await ask("all", { h: h(), column: unit }).catch(error => {
		$("whole").hidden = true;
		throw error;
	});
	if ($("whole").hidden) return;
	paint($("gradient"), bytes(whole.picture), signed);
	const [weights, losses, rounded] = [whole.weights, whole.losses, whole.rounded].map(v => v.toLocaleString("en"));
	const finds = whole.rounded ? [` For ${rounded} weights w ± h rounds to w: there the textbook’s subtraction finds zero, and this engine does not.`, ` ${rounded} 個の重みでは w ± h が丸められて w になり、教科書どおりの引き算では 0 になりますが、この計算では 0 になりません。`] : ["", ""];
	say($("whole-text"),
		`With h = ${step}, all ${weights} weights took ${whole.milliseconds.toFixed(1)} ms. The textbook’s loop evaluates the loss ${losses} times, which takes ${duration(whole.textbook)[0]}. The largest difference from backprop is ${whole.deviation.toExponential(1)}: the engine computes each change of the loss directly, and not as a difference of two losses.${finds[0]}`,
		`h = ${step} のとき、${weights} 個の重みすべてで ${whole.milliseconds.toFixed(1)} ms でした。教科書のループでは損失を ${losses} 回計算し、${duration(whole.textbook)[1]}かかります。誤差逆伝播法との差は最大 ${whole.deviation.toExponential(1)} です。2 つの損失を引き算せず、損失の変化を直接計算するためです。${finds[1]}`);
});

// The textbook's subtraction takes two losses for each weight, so its picture
// grows pixel by pixel.
$("textbook-switch").onchange = latest(async () => {
	if (!$("textbook-switch").checked) {
		say($("textbook-text"), "", "");
		return paint($("gradient"), bytes(whole.picture), signed);
	}
	const derivatives = [], shown = whole, asked = { h: h(), column: unit };
	while (derivatives.length < 784 && $("textbook-switch").checked && !$("whole").hidden && whole === shown) {
		derivatives.push(...await ask("textbook", { ...asked, index: derivatives.length, milliseconds: 80 }));
		if (!$("textbook-switch").checked || whole !== shown) return;
		const level = v => Math.round(128 + 127 * Math.max(-1, Math.min(1, v / shown.limit)));
		paint($("gradient"), derivatives.map(level), signed);
		const zeros = derivatives.filter(v => v === 0).length;
		say($("textbook-text"), `Textbook’s subtraction: ${derivatives.length} of 784 weights, ${zeros} derivatives are exactly zero.`,
			`教科書どおりの引き算: 784 個の重みのうち ${derivatives.length} 個が終わり、${zeros} 個の微分がちょうど 0 です。`);
	}
});

// duration returns milliseconds in words of both languages.
function duration(milliseconds) {
	let [en, ja, size] = ["s", "秒", 1000];
	for (const unit of [["min", "分", 60e3], ["hours", "時間", 3600e3], ["days", "日", 86400e3]]) if (milliseconds >= 2 * unit[2]) [en, ja, size] = unit;
	const n = (milliseconds / size).toPrecision(2);
	return [`${+n} ${en}`, `${+n} ${ja}`];
}
