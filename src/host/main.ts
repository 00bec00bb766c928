import { Refusal } from '../model/refusal.ts'
import { doctor, doctorJson } from './doctor.ts'
import { down } from './down.ts'
import { type Print, printTo } from './print.ts'
import { status, statusJson } from './status.ts'
import { prepareTests, up } from './up.ts'

/** Gives false for a command whose answer is no. */
type Command = (env: NodeJS.ProcessEnv, print: Print) => Promise<boolean>

/** The commands of the machine itself; all others speak to the server and are in src/cli. */
const commands: Record<string, Command> = {
  up,
  down,
  status,
  'status --json': statusJson,
  doctor,
  'doctor --json': doctorJson,
  'prepare-tests': prepareTests,
}

async function main(words: string[]): Promise<number> {
  const [verb = '', ...rest] = words
  const command = commands[words.join(' ')]
  if (!command) {
    process.stderr.write(`berth: ${verb} takes no ${rest.join(' ') || 'such form'} (see: berth help)\n`)
    return 2
  }
  try {
    return (await command(process.env, printTo(process.stdout))) ? 0 : 1
  } catch (error) {
    process.stderr.write(`berth: ${error instanceof Refusal ? error.message : `${verb} failed: ${String(error)}`}\n`)
    return 1
  }
}

/** `berth up | head` does all that it would do otherwise. */
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  if (error.code !== 'EPIPE') throw error
})

process.exitCode = await main(process.argv.slice(2))
