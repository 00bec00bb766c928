import { Refusal } from '../model/refusal.ts'
import { createCli } from './cli.ts'
import type { Answer, Command } from './command.ts'
import { commandNames, listedNames, loadAll, loadCommand } from './commands.ts'
import { failureOf } from './failure.ts'
import { findCommand, parseInput } from './parse.ts'
import { complain, paint, sayJson, sayJsonLine, sayLines } from './print.ts'

/** Runs one command line and gives its exit code. */
export async function dispatch(argv: readonly string[], env: NodeJS.ProcessEnv, cwd: string): Promise<number> {
  try {
    const found = findCommand(argv, commandNames)
    if (found.kind === 'command') return await perform(found.name, found.rest, env, cwd)
    return await showHelp(found.kind === 'group' ? found.name : undefined, argv)
  } catch (error) {
    return fail(error, env)
  }
}

async function perform(name: string, rest: readonly string[], env: NodeJS.ProcessEnv, cwd: string): Promise<number> {
  const command = await loadCommand(name)
  const input = parseInput(name, command, rest)
  if (input.values.help === true) return await showCommandHelp(name, command)
  const json = input.values.json === true
  const app = typeof input.values.app === 'string' ? input.values.app : undefined
  const cli = createCli({ env, cwd, json, app, command: name, commands: loadAll })
  const result = await command.run(cli, input).catch((error) => {
    if (json && error instanceof Refusal) sayJsonLine({ error: { code: error.code, message: error.message } })
    throw error
  })
  return typeof result === 'number' ? result : show(result, json)
}

function show(result: Answer, json: boolean): number {
  if (json) sayJson(result.json)
  else sayLines(result.lines())
  return result.exitCode
}

async function showCommandHelp(name: string, command: Command): Promise<number> {
  const { commandHelp } = await import('./help.ts')
  sayLines(commandHelp(name, command, listedNames))
  return 0
}

/** Asked for, help is an answer; otherwise the command line was wrong. */
async function showHelp(group: string | undefined, argv: readonly string[]): Promise<number> {
  const { groupHelp, overview } = await import('./help.ts')
  const commands = await loadAll()
  sayLines(group === undefined ? overview(commands) : groupHelp(group, commands))
  return argv.includes('--help') || argv.includes('-h') ? 0 : 2
}

function fail(error: unknown, env: NodeJS.ProcessEnv): number {
  const { line, exitCode } = failureOf(error)
  if (line) complain(`${paint('red', 'berth:')} ${line}`)
  if (env.BERTH_DEBUG && error instanceof Error) complain(error.stack ?? '')
  return exitCode
}
