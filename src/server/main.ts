import { configHelp } from '../config/config.ts'
import { log } from '../lib/log.ts'
import { Refusal } from '../model/refusal.ts'
import { runServer } from './server.ts'

const stop = new AbortController()
for (const name of ['SIGINT', 'SIGTERM'] as const) process.once(name, () => stop.abort())

if (process.argv.includes('--help-config')) {
  process.stdout.write(`${configHelp()}\n`)
} else {
  try {
    await runServer(process.env, stop.signal)
  } catch (error) {
    log.error({ error: error instanceof Refusal ? error.message : error }, 'the server cannot run')
    process.exitCode = 1
    stop.abort() // or the loops that had started would keep the process alive
  }
}
