import { Refusal } from '../model/refusal.ts'
import { doctor, doctorJson } from './doctor.ts'
import { down, downJson } from './down.ts'
import { type Print, printTo, type Told } from './print.ts'
import { status, statusJson } from './status.ts'
import { prepareTests, up, upJson } from './up.ts'

/** Gives false for a command whose answer is no. */
type Run = (env: NodeJS.ProcessEnv, print: Print) => Promise<boolean>
/** The same with --json: what is said on the way goes aside, and standard output is for the answer alone. */
type Tell = (env: NodeJS.ProcessEnv, aside: Print) => Promise<Told>

/** The commands of the machine itself; all others speak to the server and are in src/cli. */
const commands: Record<string, { readonly run: Run; readonly tell?: Tell }> = {
  up: { run: up, tell: upJson },
  down: { run: down, tell: downJson },
  status: { run: status, tell: statusJson },
  doctor: { run: doctor, tell: doctorJson },
  'prepare-tests': { run: prepareTests },
}

async function main([verb = '', ...rest]: string[]): Promise<number> {
  const command = commands[verb]
  const telling = rest.join(' ') === '--json' ? command?.tell : undefined
  if (!command || (rest.length > 0 && !telling)) {
    process.stderr.write(`berth: ${verb} takes no ${rest.join(' ') || 'such form'} (see: berth help)\n`)
    return 2
  }
  try {
    return (await (telling ? tell(telling) : command.run(process.env, printTo(process.stdout)))) ? 0 : 1
  } catch (error) {
    const { code, message } = reasonOf(verb, error)
    if (telling) sayJson({ error: { code, message } })
    process.stderr.write(`berth: ${message}\n`)
    return 1
  }
}

async function tell(telling: Tell): Promise<boolean> {
  const { ok, json } = await telling(process.env, printTo(process.stderr))
  sayJson(json)
  return ok
}

const sayJson = (value: unknown) => void process.stdout.write(`${JSON.stringify(value, null, 2)}\n`)

const reasonOf = (verb: string, error: unknown): Pick<Refusal, 'code' | 'message'> =>
  error instanceof Refusal ? error : { code: 'UNEXPECTED', message: `${verb} failed: ${String(error)}` }

/** `berth up | head` does all that it would do otherwise. */
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  if (error.code !== 'EPIPE') throw error
})

process.exitCode = await main(process.argv.slice(2))
