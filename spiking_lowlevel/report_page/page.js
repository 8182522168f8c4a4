"use strict";
document.documentElement.classList.add("js");

// Sliders: the range input holds the value; dragging over the picture sets it.
for (const compare of document.querySelectorAll(".compare")) {
  const stack = compare.querySelector(".stack");
  const input = compare.querySelector("input");
  const show = () => stack.style.setProperty("--at", input.value + "%");
  const follow = (event) => {
    const box = stack.getBoundingClientRect();
    const share = (event.clientX - box.left) / box.width;
    input.value = String(Math.round(100 * Math.min(1, Math.max(0, share))));
    show();
  };
  input.addEventListener("input", show);
  stack.addEventListener("pointerdown", (event) => {
    if (event.button) return;
    stack.setPointerCapture(event.pointerId);
    follow(event);
    input.focus({ preventScroll: true });
    event.preventDefault();
  });
  stack.addEventListener("pointermove", (event) => {
    if (stack.hasPointerCapture(event.pointerId)) follow(event);
  });
  show();
}

// Charts: a line under the pointer, and the values there in words.
for (const svg of document.querySelectorAll("svg[data-lines]")) {
  const lines = JSON.parse(svg.dataset.lines);
  const cursor = svg.querySelector(".cursor");
  const output = svg.parentElement.querySelector("output");
  const places = [...new Set(lines.flatMap((line) => line.at))].sort((a, b) => a - b);
  let place = places.length;
  const nearest = (values, wanted) =>
    values.reduce((best, v, i) => (Math.abs(v - wanted) < Math.abs(values[best] - wanted) ? i : best), 0);
  const number = (value) => Number(value.toPrecision(5)).toString();
  const read = (at) => {
    place = nearest(places, at);
    cursor.setAttribute("x1", places[place]);
    cursor.setAttribute("x2", places[place]);
    let step = null;
    const told = lines.map((line) => {
      const i = nearest(line.at, places[place]);
      if (line.at[i] === places[place]) step = line.x[i];
      return line.label + " " + number(line.y[i]);
    });
    output.textContent = svg.dataset.x + " " + step.toLocaleString("en") + ": " + told.join("; ");
  };
  const leave = () => {
    cursor.setAttribute("x1", -9);
    cursor.setAttribute("x2", -9);
    output.textContent = "Move over the chart, or use the arrow keys on it, to read values off.";
  };
  const follow = (event) => {
    const box = svg.getBoundingClientRect();
    read(((event.clientX - box.left) / box.width) * svg.viewBox.baseVal.width);
  };
  leave();
  svg.setAttribute("tabindex", "0");
  svg.addEventListener("pointermove", follow);
  svg.addEventListener("pointerdown", follow);
  svg.addEventListener("pointerleave", leave);
  svg.addEventListener("blur", leave);
  svg.addEventListener("keydown", (event) => {
    const by = { ArrowLeft: -1, ArrowRight: 1 }[event.key];
    if (!by) return;
    output.setAttribute("aria-live", "polite");
    read(places[Math.min(places.length - 1, Math.max(0, place + by))]);
    event.preventDefault();
  });
}

// Copying, also where the page is opened from a file and the clipboard is not offered.
for (const button of document.querySelectorAll("[data-copy]")) {
  const source = document.getElementById(button.dataset.copy);
  button.addEventListener("click", async () => {
    try {
      await navigator.clipboard.writeText(source.textContent);
    } catch {
      getSelection().selectAllChildren(source);
      document.execCommand("copy");
    }
    button.textContent = "Copied";
    setTimeout(() => (button.textContent = "Copy"), 1500);
  });
}

// The section in view is marked in the navigation.
const links = new Map([...document.querySelectorAll("nav a")].map((a) => [a.hash.slice(1), a]));
const mark = () => {
  let here = null;
  for (const key of links.keys()) {
    if (document.getElementById(key).getBoundingClientRect().top < 120) here = key;
  }
  for (const [key, link] of links) link.classList.toggle("here", key === here);
};
addEventListener("scroll", mark, { passive: true });
mark();

// On paper everything is unfolded.
addEventListener("beforeprint", () => {
  for (const fold of document.querySelectorAll("details")) fold.open = true;
});
