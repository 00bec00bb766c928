import type { Files } from './repository.ts'

export type Site = {
  /** What it answers. `env:NAME` answers the value of a variable. */
  readonly text: string
  /** Time from its start until it listens. */
  readonly startMs?: number
  /** Time that an answer takes. */
  readonly answerMs?: number
  /** It never listens, and ends with this code. */
  readonly exitCode?: number
  readonly definition?: string
}

/** A web app of one file without dependencies, on the Node runtime. Ends when it is told to, after its open answers. */
export function site({ text, startMs = 0, answerMs = 0, exitCode, definition }: Site): Files {
  const settings = { text, startMs, answerMs, exitCode: exitCode ?? null }
  return {
    'package.json': JSON.stringify({ name: 'site', engines: { node: '>=24' }, scripts: { start: 'node server.js' } }),
    'site.json': JSON.stringify(settings),
    'server.js': program,
    ...(definition !== undefined && { 'berth.yaml': definition }),
  }
}

const program = `
const { createServer } = require('node:http')
const { text, startMs, answerMs, exitCode } = require('./site.json')
console.log('starting', process.env.BERTH_RELEASE)
if (exitCode !== null) {
  console.error('last words before the end')
  process.exit(exitCode)
}
const server = createServer((request, response) => {
  if (request.url === '/crash') process.exit(9)
  const answer = text.startsWith('env:') ? process.env[text.slice(4)] ?? '(unset)' : text
  setTimeout(() => response.end(answer), answerMs)
})
setTimeout(() => server.listen(process.env.PORT, () => console.log('listening')), startMs)
process.on('SIGTERM', () => server.close(() => process.exit(0)))
`
