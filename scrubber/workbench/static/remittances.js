"use strict";
// Sends a remittance as it is: the file itself is the body, so that what is kept is what the payer sent.
(() => {
  const form = document.querySelector("form.remit");
  if (!form) return;
  const said = form.querySelector(".said");
  const button = form.querySelector("button");

  function say(text, wrong) {
    said.textContent = text;
    said.classList.toggle("wrong", wrong);
  }

  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    const [file] = form.elements.file.files;
    if (file.size > Number(form.dataset.most) << 20) {
      say(`The file is larger than ${form.dataset.most} MB; send it in parts.`, true);
      return;
    }
    button.disabled = true;
    say("It is being read…", false);
    const query = new URLSearchParams({ client: form.elements.client.value, name: file.name });
    try {
      const answer = await fetch(`${form.getAttribute("action")}?${query}`, {
        method: "POST", body: file, headers: { "X-Form": form.dataset.token, "Content-Type": "application/octet-stream" },
      });
      if (answer.ok) {
        location.assign(answer.url);
        return;
      }
      const page = new DOMParser().parseFromString(await answer.text(), "text/html");
      say(page.querySelector(".message p")?.textContent ?? "The server refused it.", true);
    } catch {
      say("The server could not be reached; nothing is known of the file.", true);
    }
    button.disabled = false;
  });
})();
