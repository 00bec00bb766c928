type Page = { readonly title: string; readonly text: string }

const style =
  'body{font:16px/1.5 system-ui,sans-serif;margin:15vh auto;max-width:32em;padding:0 1em;color:#222;background:#fff}' +
  '@media(prefers-color-scheme:dark){body{color:#ddd;background:#181818}}h1{font-size:1.4em}'

/** One self-contained line, as HAProxy's configuration needs it. */
export const html = ({ title, text }: Page) =>
  `<!doctype html><html lang=en><meta charset=utf-8><meta name=viewport content="width=device-width">` +
  `<title>${title}</title><style>${style}</style><h1>${title}</h1><p>${text}</p></html>`

export const plain = ({ title, text }: Page) => `${title}. ${text}`

export const pages = {
  unknownHost: { title: 'Nothing here', text: 'No application answers at this address.' },
  badGateway: { title: 'Bad answer', text: 'The application broke off its answer. Please try again.' },
  unavailable: { title: 'Not available', text: 'The application is not running at the moment. Please try again soon.' },
  timeout: { title: 'No answer in time', text: 'The application took too long to answer. Please try again.' },
} as const satisfies Record<string, Page>
