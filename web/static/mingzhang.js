// What script adds to pages that work without it: a click on a row follows its link, a form is sent once, Escape
// closes a menu, a button copies.
(function () {
	"use strict";
	document.documentElement.classList.add("js");

	document.addEventListener("click", function (event) {
		var row = event.target.closest("tr[data-href]");
		if (row && event.button === 0 && !event.target.closest("a, button, input, label, select, summary") && !String(window.getSelection())) {
			var link = row.querySelector("a[href]");
			if (link) {
				if (event.ctrlKey || event.metaKey) { window.open(link.href, "_blank", "noopener"); } else { link.click(); }
			}
		}
		document.querySelectorAll("details.menu[open]").forEach(function (menu) {
			if (!menu.contains(event.target)) { menu.open = false; }
		});
	});

	document.addEventListener("keydown", function (event) {
		if (event.key !== "Escape") { return; }
		document.querySelectorAll("details.menu[open]").forEach(function (menu) {
			menu.open = false;
			menu.querySelector("summary").focus();
		});
	});

	// A button that copies a text of the page. Without script, or where the browser does not let it, one click on the
	// text marks all of it.
	document.querySelectorAll("button[data-copy]").forEach(function (button) {
		var text = document.getElementById(button.dataset.copy), words = button.textContent;
		if (!text) { return; }
		button.hidden = false;
		button.addEventListener("click", function () {
			var range = document.createRange();
			range.selectNodeContents(text);
			window.getSelection().removeAllRanges();
			window.getSelection().addRange(range);
			var told = function () {
				button.textContent = document.documentElement.lang === "en" ? "Copied" : "已复制";
				window.setTimeout(function () { button.textContent = words; }, 2000);
			};
			if (navigator.clipboard) { navigator.clipboard.writeText(text.textContent).then(told, function () {}); }
			else if (document.execCommand("copy")) { told(); }
		});
	});

	document.addEventListener("submit", function (event) {
		var form = event.target;
		if (form.method !== "post" || event.defaultPrevented) { return; }
		if (form.getAttribute("aria-busy") === "true") { event.preventDefault(); return; }
		form.setAttribute("aria-busy", "true");
	});
	// A page that comes back from the browser's memory may be sent again.
	window.addEventListener("pageshow", function () {
		document.querySelectorAll("form[aria-busy]").forEach(function (form) { form.removeAttribute("aria-busy"); });
	});
})();
