// SPDX-FileCopyrightText: 2026 The Pyrometer authors
// SPDX-License-Identifier: Apache-2.0
// Makes a flame graph interactive. It reads the boxes from the picture itself: a name is only ever
// text to it, nothing is made of strings, and nothing is fetched.
(function () {
"use strict";
var root = document.documentElement, row = +root.dataset.row, head = +root.dataset.head;
var boxes = Array.prototype.map.call(document.querySelectorAll("#boxes > g"), function (g) {
  return {g: g, rect: g.querySelector("rect"), text: g.querySelector("text"),
          title: g.querySelector("title").textContent, s: +g.dataset.s, w: +g.dataset.w,
          d: +g.dataset.d};
});
var detail = document.getElementById("detail"), reset = document.getElementById("reset");
var find = document.getElementById("find"), zoomed = boxes[0], chosen = null, pattern = null;
function name(box) { return box.title.split("\n")[0]; }
function end(box) { return box.s + box.w; }
function within(inner, outer) {
  return inner.s >= outer.s - 1e-9 && end(inner) <= end(outer) + 1e-9;
}
function label(box, pixels) {
  var room = Math.floor((pixels - 6) / 7), full = Array.from(name(box).replace(/ \([^()]*:\d+\)$/, ""));
  if (room < 3) return "";
  return full.length <= room ? full.join("") : full.slice(0, room - 2).join("") + "..";
}
function draw() {
  var width = root.clientWidth || root.getBoundingClientRect().width || 1200;
  boxes.forEach(function (box) {
    var above = box.d < zoomed.d && within(zoomed, box);
    var shown = above || (box.d >= zoomed.d && within(box, zoomed));
    var x = above ? 0 : (box.s - zoomed.s) / zoomed.w, w = above ? 1 : box.w / zoomed.w;
    box.g.style.display = shown && w * width > 0.3 ? "" : "none";
    box.g.classList.toggle("above", above);
    box.rect.setAttribute("x", 100 * x + "%");
    box.rect.setAttribute("width", 100 * w + "%");
    box.text.setAttribute("x", 100 * x + "%");
    box.text.textContent = shown ? label(box, w * width) : "";
  });
  reset.style.display = zoomed === boxes[0] ? "none" : "";
}
function zoom(box) { zoomed = box; draw(); keep(); }
function keep() {
  var words = [];
  if (zoomed !== boxes[0]) words.push("z=" + boxes.indexOf(zoomed));
  if (pattern) words.push("q=" + encodeURIComponent(pattern.source));
  try { history.replaceState(null, "", "#" + words.join("&")); } catch (ignored) { }
}
function choose(box) {
  if (chosen) chosen.g.classList.remove("chosen");
  chosen = box;
  if (box) box.g.classList.add("chosen");
  detail.textContent = box ? box.title.replace("\n", "  ") : "";
}
function search(text) {
  var covered = 0, edge = -1, hits = [];
  try { pattern = text ? new RegExp(text, "i") : null; }
  catch (wrong) { pattern = new RegExp(text.replace(/[.*+?^${}()|[\]\\]/g, "\\$&"), "i"); }
  boxes.forEach(function (box) {
    var hit = pattern !== null && box !== boxes[0] && pattern.test(name(box));
    box.g.classList.toggle("hit", hit);
    if (hit) hits.push(box);
  });
  hits.sort(function (a, b) { return a.s - b.s || b.w - a.w; }).forEach(function (box) {
    if (end(box) > edge + 1e-12) {
      covered += end(box) - Math.max(box.s, edge);
      edge = end(box);
    }
  });
  find.textContent = pattern
    ? "Search: " + pattern.source + " (" + hits.length + ", " + (100 * covered).toFixed(2) + " %)"
    : "Search";
  keep();
}
function ask() {
  var text = prompt("Search for (a regular expression; nothing: no search)", pattern ? pattern.source : "");
  if (text !== null) search(text);
}
function beside(step) {
  var line = boxes.filter(function (box) {
    return box.d === chosen.d && box.g.style.display !== "none";
  }).sort(function (a, b) { return a.s - b.s; });
  return line[line.indexOf(chosen) + step];
}
function over() {
  return boxes.filter(function (box) {
    return box.d === chosen.d + 1 && within(box, chosen) && box.g.style.display !== "none";
  }).sort(function (a, b) { return b.w - a.w; })[0];
}
function under() {
  return boxes.filter(function (box) { return box.d === chosen.d - 1 && within(chosen, box); })[0];
}
boxes.forEach(function (box) {
  box.g.addEventListener("click", function () { choose(box); zoom(box); });
  box.g.addEventListener("mouseenter", function () { choose(box); });
});
reset.addEventListener("click", function () { zoom(boxes[0]); });
find.addEventListener("click", ask);
window.addEventListener("resize", draw);
window.addEventListener("keydown", function (event) {
  var next = null, key = event.key;
  if (key === "/" || ((event.ctrlKey || event.metaKey) && key === "f")) ask();
  else if (event.ctrlKey || event.metaKey || event.altKey) return;
  else if (key === "Escape") { if (pattern) search(""); else zoom(boxes[0]); }
  else if (!chosen && key.indexOf("Arrow") === 0) choose(zoomed);
  else if (key === "Enter" && chosen) zoom(chosen);
  else if (key === "ArrowLeft") next = beside(-1);
  else if (key === "ArrowRight") next = beside(1);
  else if (key === "ArrowDown") next = over();
  else if (key === "ArrowUp") next = under();
  else return;
  if (next) choose(next);
  event.preventDefault();
});
var asked = /(?:^#|&)z=(\d+)/.exec(location.hash), words = /(?:^#|&)q=([^&]*)/.exec(location.hash);
if (asked && boxes[+asked[1]]) zoomed = boxes[+asked[1]];
if (words) search(decodeURIComponent(words[1]));
draw();
})();
