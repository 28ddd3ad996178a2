// Draws the Series columns of a page's own table. The table stays what is true, for eyes and screen readers; the
// drawing only repeats it. Nothing is fetched, and no number is computed here.
(function () {
	"use strict";
	if (!window.Chart) { return; }
	var style = getComputedStyle(document.documentElement);
	var ink = style.getPropertyValue("--ink").trim(), line = style.getPropertyValue("--line").trim();
	// Told apart without colour, too: each series has its own edge and lightness.
	var fills = ["#a9bdd0", "#0b5394", "#c27a12", "#5d7f63"], edges = ["#5b7188", "#083e6e", "#7a4b00", "#33563a"];
	var english = document.documentElement.lang === "en";

	Chart.defaults.font.family = getComputedStyle(document.body).fontFamily;
	Chart.defaults.font.size = 13;
	Chart.defaults.color = ink;
	Chart.defaults.animation = false;

	// The first text of a heading, without its unit.
	function nameOf(th) {
		var node = (th.querySelector("a") || th).firstChild;
		return node ? node.textContent.trim() : "";
	}

	function grouped(text) {
		var parts = String(text).split(".");
		parts[0] = parts[0].replace(/\B(?=(\d{3})+$)/g, ",");
		return parts.join(".");
	}

	function draw(figure) {
		var table = document.getElementById(figure.dataset.of);
		if (!table) { return; }
		var rows = Array.prototype.filter.call(table.tBodies[0].rows, function (row) { return row.querySelector("[data-value]"); });
		if (rows.length === 0) { return; }
		var labels = rows.map(function (row) { return row.cells[0].firstChild.textContent.trim(); });
		var series = [];
		Array.prototype.forEach.call(table.tHead.rows[0].cells, function (th, column) {
			if (!th.hasAttribute("data-series")) { return; }
			var n = series.length % fills.length;
			series.push({
				label: nameOf(th),
				data: rows.map(function (row) { return row.cells[column].dataset.value === undefined ? null : Number(row.cells[column].dataset.value); }),
				written: rows.map(function (row) { return row.cells[column].dataset.value; }),
				backgroundColor: fills[n], borderColor: edges[n], borderWidth: 1, maxBarThickness: 34
			});
		});
		if (series.length === 0) { return; }
		var sideways = figure.dataset.kind === "row", unit = figure.dataset.unit || "";
		var values = { beginAtZero: true, grid: { color: line }, border: { display: false }, ticks: { callback: function (v) { return grouped(v); } } };
		var names = { grid: { display: false } };
		var box = figure.querySelector(".canvas"), canvas = document.createElement("canvas");
		canvas.setAttribute("role", "img");
		canvas.setAttribute("aria-label", figure.querySelector("figcaption").textContent.trim() + (english ? ". The table has the same numbers." : "。数字见表格。"));
		box.appendChild(canvas);
		figure.hidden = false;
		if (sideways) { box.style.height = Math.max(8, rows.length * 2.2 + 3) + "rem"; }
		new Chart(canvas, {
			type: "bar",
			data: { labels: labels, datasets: series },
			options: {
				indexAxis: sideways ? "y" : "x",
				responsive: true,
				maintainAspectRatio: false,
				locale: "en",
				scales: sideways ? { x: values, y: names } : { x: names, y: values },
				plugins: {
					legend: { display: series.length > 1, position: "top", align: "start", labels: { boxWidth: 14, boxHeight: 14 } },
					tooltip: { callbacks: { label: function (item) {
						return item.dataset.label + (english ? ": " : "：") + grouped(item.dataset.written[item.dataIndex]) + (unit ? " " + unit : "");
					} } }
				}
			}
		});
	}

	document.querySelectorAll("figure.chart[data-of]").forEach(draw);
})();
