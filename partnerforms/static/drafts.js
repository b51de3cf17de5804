// Saves a page of a draft while somebody types. Buttons work without it.
(() => {
  const form = document.getElementById("draft"), line = document.getElementById("saving");
  const PAUSE = 4000, MINUTE = 60000, KEPT = 60000;
  let timer, running, wait = PAUSE, composing = false, stopped = false, failed = false, leaving = false;

  const fields = () => new URLSearchParams(new FormData(form));
  const typed = () => { const all = fields(); all.delete("version"); return all.toString(); };
  let saved = typed();

  function say(text) {
    if (line.textContent !== text) line.textContent = text;
    line.classList.toggle("wrong", failed);
  }
  const later = () => { timer ??= setTimeout(save, wait); };

  function fail(text, again) {
    failed = true;
    stopped = !again;
    say(text);
    wait = Math.min(wait * 2, MINUTE);
    if (again) later();
  }

  async function send() {
    const body = fields(), now = typed();
    body.set("do", "autosave");
    try {
      const answer = await fetch(form.action, {
        method: "POST", body, redirect: "manual", headers: { Accept: "application/json" },
        keepalive: body.toString().length < KEPT,
      });
      if (answer.status === 409) return fail((await answer.json()).text);
      if (answer.status === 401 || answer.type === "opaqueredirect") return fail(form.dataset.ended);
      if (answer.status >= 500 || answer.status === 429) return fail(form.dataset.trying, true);
      if (!answer.ok) return fail(form.dataset.refused);
      const told = await answer.json();
      form.elements.version.value = told.version;
      saved = now;
      wait = PAUSE;
      failed = false;
      say(told.text);
    } catch { fail(form.dataset.trying, true); }
  }

  async function save() {
    clearTimeout(timer);
    timer = null;
    if (running || stopped || leaving || composing || typed() === saved) return;
    await (running = send());
    running = null;
    if (!stopped && typed() !== saved) later();
  }

  form.addEventListener("input", later);
  form.addEventListener("compositionstart", () => { composing = true; });
  form.addEventListener("compositionend", () => { composing = false; later(); });
  addEventListener("online", save);
  addEventListener("pagehide", save);
  document.addEventListener("visibilitychange", () => { if (document.hidden) save(); });
  addEventListener("beforeunload", event => { if (failed && !leaving && typed() !== saved) event.preventDefault(); });
  addEventListener("pageshow", event => { if (event.persisted && !failed) location.reload(); });

  // A button waits for the save that is on its way.
  form.addEventListener("submit", async event => {
    if (leaving || running || !navigator.onLine) event.preventDefault();
    if (leaving) return;
    if (!navigator.onLine) return say(form.dataset.trying);
    leaving = true;
    await running;
    if (!event.defaultPrevented) return;
    leaving = false;
    running = null;
    form.requestSubmit(event.submitter);
  });
})();
