import { settings } from './config.ts'

const head = `# Settings

Printed from \`src/config/config.ts\` by \`npm run docs\`; a test compares it.

A setting is a line in \`/etc/berth/berth.yaml\` (key), or a variable in the environment of \`sudo berth up\` (variable; some
are options of it, see \`berth up --help\`). \`up\` writes what it was given into the file, and the parts read only the
file. How to change one: [operating.md](operating.md#settings).

| key | variable | default | what it is |
|---|---|---|---|
`

const tail = `
Two variables are not settings: \`BERTH_CONFIG\` names another settings file, which is how one machine holds several
installations, and \`BERTH_NODE_DIR\` the folder that \`up\` installs Node in (\`/opt/berth/node\`). The command line has
\`BERTH_URL\`, \`BERTH_TOKEN\` and \`BERTH_DEBUG\`: see [cli.md](cli.md).
`

/** docs/config.md. */
export function configMarkdown(): string {
  const rows = settings.map(({ name, meaning, fallback }) => {
    const key = name.replace(/^BERTH_/, '').toLowerCase()
    return `| \`${key}\` | \`${name}\` | ${fallback === undefined ? '' : `\`${fallback}\``} | ${meaning.replaceAll('<', '\\<')} |\n`
  })
  return `${head}${rows.join('')}${tail}`
}
