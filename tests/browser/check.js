// Every complaint about a page, as a list of texts.
const complaints = [];
const say = (text) => complaints.push(text);

for (const part of document.querySelectorAll("details")) part.open = true;
const root = document.documentElement;
if (root.scrollWidth > root.clientWidth) {
  say(`the page is ${root.scrollWidth} pixels wide in ${root.clientWidth}`);
  for (const part of document.body.querySelectorAll("*"))
    if (part.getBoundingClientRect().right > root.clientWidth && !part.closest(".scroll,.picture"))
      say(`${part.tagName}.${part.className} reaches out: ${part.textContent.slice(0, 40)}`);
}
if (!document.title) say("the page has no title");
for (const picture of document.querySelectorAll("svg")) {
  if (picture.getBoundingClientRect().width < 100) say("a picture is hardly seen");
  if (!picture.querySelector("desc")?.textContent) say("a picture is not told in words");
}

// Two presses on each heading: up, then down; blanks are last.
const values = (table, column) => Array.from(table.tBodies[0].rows, (row) => row.cells[column]?.dataset.v);
for (const table of document.querySelectorAll("table.sorts"))
  for (const heading of table.tHead.rows[0].cells) {
    const [name, rows] = [heading.textContent, table.tBodies[0].rows.length];
    for (const [order, sign] of [["ascending", 1], ["descending", -1]]) {
      heading.querySelector("button").click();
      if (heading.getAttribute("aria-sort") !== order) say(`${name} does not say that it is ${order}`);
      if (table.tBodies[0].rows.length !== rows) say(`${name} loses rows`);
      if (!heading.classList.contains("n")) continue;
      const found = values(table, heading.cellIndex);
      const there = found.filter((value) => value !== undefined).map(Number);
      if (found.slice(there.length).some((value) => value !== undefined)) say(`${name} has blanks first`);
      if (there.some((value, place) => place > 0 && sign * (value - there[place - 1]) < 0))
        say(`${name} is not ${order}: ${there}`);
    }
  }

// The button turns the page over, and back.
const ground = () => page.getComputedStyle(document.body).backgroundColor;
const button = document.getElementById("theme");
const before = ground();
button.click();
const after = ground();
if (before === after) say("the button does not change the colours");
button.click();
if (ground() !== before) say("the button does not change the colours back");
return complaints;
