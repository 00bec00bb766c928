import type { DirectClient } from '../client/direct.ts'
import type { Login } from './login.ts'

export type Option = {
  readonly type: 'string' | 'boolean'
  readonly short?: string
  /** What stands for the value in texts. */
  readonly value?: string
  readonly help: string
}

export type Options = Readonly<Record<string, Option>>

type ValueOf<T extends Option['type']> = T extends 'boolean' ? boolean : string

export type Input<O extends Options> = {
  readonly args: readonly string[]
  readonly values: { readonly [K in keyof O]?: ValueOf<O[K]['type']> | undefined }
}

/** What a command says: `json` with --json, exactly as the API returned it, otherwise the lines. */
export type Answer = {
  readonly json: unknown
  readonly lines: () => readonly string[]
  readonly exitCode: number
}

/** What a command knows of where it runs. */
export type Cli = {
  readonly env: NodeJS.ProcessEnv
  readonly cwd: string
  readonly json: boolean
  /** Which server, and as whom; refuses when nobody is signed in. */
  login(): Promise<Login>
  client(): Promise<DirectClient>
  /** The app meant: --app, else that of the git remote. */
  app(): Promise<string>
  /** Every command, for texts about all of them. */
  commands(): Promise<ReadonlyMap<string, Command>>
}

export type Command<O extends Options = Options> = {
  readonly summary: string
  /** Arguments as the usage line shows them: `NAME [FOLDER] K=V…`. */
  readonly args?: string
  /** Works on one app: takes --app, else the app of the git remote. */
  readonly app?: boolean
  /** Words that belong to another program: those from the first argument on, or all of them. */
  readonly passthrough?: 'arguments' | 'all'
  readonly options?: O
  readonly about?: string
  readonly examples: readonly string[]
  run(cli: Cli, input: Input<O>): Promise<Answer | number>
}

/** Gives `run` the types of its own options. */
export const define = <const O extends Options = Record<never, never>>(command: Command<O>): Command => command

export const answer = (json: unknown, lines: () => readonly string[], exitCode = 0): Answer => ({
  json,
  lines,
  exitCode,
})
