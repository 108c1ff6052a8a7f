/** Addresses that a web view may load, and the word that lets its one script run. */
export interface RacePageParts {
  readonly cspSource: string;
  readonly nonce: string;
  readonly script: string;
  readonly style: string;
}

/** The page of the race: nothing in it comes from elsewhere, and only its own script runs. */
export function racePage({ cspSource, nonce, script, style }: RacePageParts): string {
  const policy = `default-src 'none'; style-src ${cspSource}; script-src 'nonce-${nonce}'`;
  return `<!DOCTYPE html>
<html lang="en">
<head>
  <meta charset="utf-8">
  <meta http-equiv="Content-Security-Policy" content="${policy}">
  <meta name="viewport" content="width=device-width, initial-scale=1">
  <link rel="stylesheet" href="${style}">
  <title>Lacuna Race</title>
</head>
<body>
  <header>
    <h1>One prompt, continued twice</h1>
    <p>The verifier decides every token in both lanes. With drafts, each of its passes may accept a whole block.</p>
    <button id="start" type="button">Race again</button>
    <button id="stop" type="button" class="secondary">Stop</button>
  </header>
  <main>
    ${lane("ar", "Token by token", "AR: each pass of the verifier writes one token")}
    ${lane("deer", "With drafts", "DEER: each pass of the verifier checks a drafted block")}
  </main>
  <section id="result" aria-live="polite"><p id="headline"></p><ul id="details"></ul></section>
  <script nonce="${nonce}" src="${script}"></script>
</body>
</html>`;
}

function lane(id: string, title: string, subtitle: string): string {
  return `<section class="lane" id="${id}" aria-labelledby="${id}-title">
      <h2 id="${id}-title">${title}</h2>
      <p class="subtitle">${subtitle}</p>
      <p class="readout"><span class="speed">–</span> <span class="passes"></span></p>
      <div class="track" aria-hidden="true"><div class="bar"></div></div>
      <pre tabindex="0" aria-label="${title}"><span class="before"></span><span class="written"></span></pre>
    </section>`;
}
