// The page of long work while it is worked on: looks every two seconds how far it is, without moving anybody.
// Without this script the link on the page does the same.
"use strict";

const EVERY = 2000;

async function look() {
  const job = document.getElementById("job");
  if (document.hidden) return setTimeout(look, EVERY);
  let news = null;
  try {
    const answer = await fetch(location.href);
    const page = new DOMParser().parseFromString(await answer.text(), "text/html");
    news = answer.ok ? page.getElementById("job") : null;
  } catch {
    return setTimeout(look, EVERY); // the network is away for a moment
  }
  if (!news) return location.reload(); // signed out, or the work was removed
  const works = ["queued", "running"].includes(news.dataset.state);
  if (works) {
    const [was, is] = [job, news].map((one) => one.querySelector("progress"));
    was.labels[0].textContent = news.querySelector("label").textContent;
    for (const name of ["value", "max"]) {
      if (is.hasAttribute(name)) was.setAttribute(name, is.getAttribute(name));
      else was.removeAttribute(name);
    }
    return setTimeout(look, EVERY);
  }
  const focused = job.contains(document.activeElement);
  job.replaceChildren(...news.childNodes);
  job.dataset.state = news.dataset.state;
  if (focused) job.focus(); // what had the focus is gone
  else document.getElementById("told").textContent = job.querySelector("h2, p").textContent;
}

setTimeout(look, EVERY);
