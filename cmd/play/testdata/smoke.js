// A visit to the four parts of the page.
"use strict";
const post = text => fetch("smoke", { method: "POST", body: text });
const sleep = milliseconds => new Promise(resolve => setTimeout(resolve, milliseconds));
const until = async (name, condition) => {
	for (let i = 0; i < 3000; i++) {
		if (condition()) return;
		await sleep(50);
	}
	throw new Error(`${name}: not after 150 seconds`);
};
const shows = (id, text) => until(`${id} shows ${text}`, () => $(id).innerText.includes(text));
const type = (id, value, event) => {
	$(id).value = value;
	$(id).dispatchEvent(new Event(event));
};
HTMLElement.prototype.setPointerCapture = () => {}; // synthetic pointers have none
const pointer = (kind, id, x, y) => {
	const box = $("paper").getBoundingClientRect();
	$("paper").dispatchEvent(new PointerEvent(`pointer${kind}`, { pointerId: id, clientX: box.x + x, clientY: box.y + y }));
};

async function visit() {
	await until("the images are loaded", () => $("numerical").innerText !== "");
	await shows("answer", "correct: 7");

	// Draw a 7 with one finger, while a second one rests on the paper.
	$("clear").click();
	pointer("down", 1, 80, 60);
	pointer("down", 2, 20, 270);
	for (const [x, y] of [[140, 60], [200, 60], [160, 145], [120, 230]]) {
		pointer("move", 1, x, y);
		pointer("move", 2, 20, 270);
	}
	pointer("up", 1, 120, 230);
	pointer("up", 2, 20, 270);
	await shows("answer", "7 (");
	if (pen.getImageData(20, 270, 1, 1).data[3]) post("a second finger draws");

	// Nudge, down to the book's 1e-50.
	$("plus").click();
	await until("w + s is w + h", () => $("moved").innerText === $("loss-plus").innerText);
	$("back").click();
	type("h", -17, "input");
	await until("the subtraction finds zero", () => !$("rounded").hidden && Number($("numerical").innerText) === 0);
	$("all").click();
	await shows("whole-text", "39,760 weights w ± h rounds to w");
	$("textbook-switch").click();
	await shows("textbook-text", "784 of 784 weights, 784 derivatives are exactly zero");
	type("h", -4, "input");

	// Train until the page shows an accuracy; a learning rate of 1,000 gets a message.
	type("lr", 1000, "change");
	$("start").click();
	await until("a large rate is explained", () => $("train-text").innerText.includes("learning rate 1000"));
	if (running) $("start").click();
	await until("the training stops", () => !running);
	$("built-in").click();
	await until("the built-in net is back", () => $("built-in").hidden && !losses.length);
	type("lr", 0.1, "change");
	$("start").click();
	await until("the accuracy is measured", () => accuracies.length > 10);
	$("start").click();
	await until("the training stops", () => !running);
	if (!(parseFloat($("accuracy").innerText) > 70)) post(`the accuracy is ${$("accuracy").innerText}`);

	// Descend on the saddle, and in the long bowl.
	type("function", "saddle", "change");
	await until("the map of the saddle is there", () => edge === 4);
	startAt(-3, 0);
	await shows("point", "(-3.0000, 0)");
	for (let i = 50; i <= 150; i += 50) {
		$("steps").click();
		await shows("taken", i);
	}
	await shows("descend-text", "a saddle point");
	type("function", "long", "change");
	await until("the map of the long bowl is there", () => edge === 8);
	startAt(-7, 2);
	await shows("point", "(-7.0000, 2.0000)");
	type("eta", -0.05, "input");
	$("steps").click();
	await until("50 steps are taken", () => $("taken").innerText === "50");

	// Both languages.
	const wide = document.documentElement.scrollWidth - innerWidth;
	if (wide > 0) post(`the page is ${wide} pixels too wide`);
	setLanguage("ja");
	if (!$("answer").innerText.startsWith("予測 7") || localStorage.getItem("language") !== "ja") post("the language does not change");
	setLanguage("en");
}
visit().catch(error => post(error.message)).finally(() => { scrollTo(0, 0); post("done"); });
