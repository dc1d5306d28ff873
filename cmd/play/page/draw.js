// Draw a digit.
"use strict";

const pen = $("paper").getContext("2d", { willReadFrequently: true });
let place = null, finger = null; // position of the pen; the pointer that draws
let testImage = -1, shownTest = false; // index of the test image; it is on the paper

for (let digit = 0; digit < 10; digit++) {
	const item = document.createElement("li");
	item.innerHTML = `<span>${digit}</span><meter min="0" max="1" aria-label="${digit}"></meter><span></span>`;
	$("bars").append(item);
}

function showAnswer(answer, label) {
	[...$("bars").children].forEach((item, digit) => {
		const p = answer?.probabilities[digit] ?? 0;
		item.classList.toggle("best", answer?.digit === digit);
		item.querySelector("meter").value = p;
		item.lastChild.textContent = answer ? `${(100 * p).toFixed(1)} %` : "";
	});
	paint($("seen"), answer ? bytes(answer.seen) : [], ink);
	if (!answer) return;
	const percent = `${(100 * answer.probabilities[answer.digit]).toFixed(1)} %`;
	const unsure = answer.probabilities[answer.digit] < 0.6 ? [", not sure", "、自信なし"] : ["", ""];
	const is = label === undefined ? ["", ""] : [`, correct: ${label}`, `、正解 ${label}`];
	say($("answer"), `${answer.digit} (${percent})${unsure[0]}${is[0]}`, `予測 ${answer.digit}（${percent}）${unsure[1]}${is[1]}`);
}

// Messages about drawings without a digit.
const troubles = {
	empty: ["", ""],
	several: ["Several shapes: draw one digit.", "図形がいくつもあります。数字をひとつだけ書いてください。"],
	frame: ["A frame, a rule or a block: draw only a digit.", "枠か罫線、または塗りつぶしがあります。数字だけを書いてください。"],
	filled: ["Too much ink: draw a digit in lines.", "塗りつぶされています。線で数字を書いてください。"],
};

const answerPaper = latest(async () => {
	if (shownTest) {
		const answer = await ask("test", { index: testImage });
		testImage = answer.index;
		pen.clearRect(0, 0, 280, 280);
		pen.imageSmoothingEnabled = false;
		pen.drawImage(picture(bytes(answer.seen), ink), 0, 0, 280, 280);
		showAnswer(answer, answer.label);
	} else {
		const { data } = pen.getImageData(0, 0, 280, 280);
		const answer = await ask("draw", { width: 280 }, new Uint8Array(data.buffer));
		showAnswer(answer.trouble ? null : answer);
		if (answer.trouble) say($("answer"), ...troubles[answer.trouble]);
	}
});

function clearPaper() {
	pen.clearRect(0, 0, 280, 280);
	shownTest = false;
}

function stroke(from, to) {
	if (shownTest) clearPaper();
	pen.lineWidth = 22;
	pen.lineCap = "round";
	pen.beginPath();
	pen.moveTo(...from);
	pen.lineTo(...to);
	pen.stroke();
	answerPaper();
}

const onPaper = event => [event.offsetX, event.offsetY].map(v => v * 280 / $("paper").clientWidth);
$("paper").onpointerdown = event => {
	if (finger !== null) return; // one finger draws
	finger = event.pointerId;
	$("paper").setPointerCapture(finger);
	place = onPaper(event);
	stroke(place, place);
};
$("paper").onpointerup = $("paper").onpointercancel = $("paper").onlostpointercapture = event => {
	if (event.pointerId === finger) finger = null;
};
$("paper").onpointermove = event => {
	if (event.pointerId !== finger) return;
	stroke(place, onPaper(event));
	place = onPaper(event);
};
$("paper").onkeydown = event => {
	const by = { ArrowLeft: [-10, 0], ArrowRight: [10, 0], ArrowUp: [0, -10], ArrowDown: [0, 10] }[event.key];
	if (!by) return;
	event.preventDefault();
	place ??= [140, 140];
	const to = place.map((v, i) => Math.min(270, Math.max(10, v + by[i])));
	if (event.shiftKey) stroke(place, to);
	place = to;
	$("paper").style.setProperty("--x", `${to[0] / 2.8}%`);
	$("paper").style.setProperty("--y", `${to[1] / 2.8}%`);
};
$("clear").onclick = () => {
	clearPaper();
	answerPaper();
};
$("next").onclick = () => {
	testImage++;
	shownTest = true;
	answerPaper();
};
