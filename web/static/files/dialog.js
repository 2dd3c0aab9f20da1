// The dialog of a platform: its own script opens it. The code comes from that script, the ids in a message of the
// dialog, which counts only from the origins that the page names. Both together are brought to the server by going
// there: this page may send no form and ask nothing of Foyer, so that the foreign script cannot either.
(() => {
  "use strict";
  const part = document.querySelector("[data-dialog]");
  if (!part) return;
  const button = part.querySelector("button");
  const origins = part.dataset.origins.split(" ");
  let code = "", told = null, sent = false;

  function send(values) {
    if (sent) return;
    sent = true;
    const back = new URL(part.dataset.back);
    back.searchParams.set("state", part.dataset.state);
    for (const [name, value] of Object.entries(values)) {
      if (typeof value === "string" && value !== "") back.searchParams.set(name, value.slice(0, 4096));
    }
    location.assign(back);
  }
  function both() {
    if (code && told) send({ code, ...told });
  }

  window.addEventListener("message", (event) => {
    if (!origins.includes(event.origin)) return;
    let said;
    try {
      said = typeof event.data === "string" ? JSON.parse(event.data) : event.data;
    } catch {
      return; // the script's own messages
    }
    if (!said || said.type !== "WA_EMBEDDED_SIGNUP") return;
    const data = said.data && typeof said.data === "object" ? said.data : {};
    const text = (v) => (typeof v === "string" || typeof v === "number" ? String(v) : "");
    if (said.event === "CANCEL" || said.event === "ERROR") return send({ event: said.event });
    told = { event: text(said.event), waba_id: text(data.waba_id), phone_number_id: text(data.phone_number_id) };
    both();
  });

  window.fbAsyncInit = () => {
    FB.init({ appId: part.dataset.app, autoLogAppEvents: false, xfbml: false, cookie: false, status: false, version: part.dataset.version });
    button.disabled = false;
  };
  button.addEventListener("click", () => {
    FB.login((answer) => {
      if (!answer || !answer.authResponse || !answer.authResponse.code) return send({ error: "access_denied" });
      code = answer.authResponse.code;
      both();
      // The dialog may close without its message: the server then finds the ids itself.
      setTimeout(() => send({ code }), 5000);
    }, {
      config_id: part.dataset.config, response_type: "code", override_default_response_type: true,
      extras: { version: "v4", setup: {} },
    });
  });
  const script = document.createElement("script");
  script.src = part.dataset.source;
  script.async = true;
  script.addEventListener("error", () => { document.querySelector("[data-problem]").hidden = false; });
  document.head.append(script);
})();
