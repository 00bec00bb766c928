import { join } from 'node:path'
import { run } from '../lib/exec.ts'
import { refuse } from '../model/refusal.ts'

export type Finding = {
  readonly ok: boolean
  readonly name: string
  /** What was found, or what is wrong. */
  readonly text: string
  readonly wayOut: string
}

/** Runs checks of libexec/preflight, which the bootstrap uses too: it must look before there is a Node. */
export async function preflight(root: string, env: NodeJS.ProcessEnv, checks: readonly string[]): Promise<Finding[]> {
  return findingsIn((await run([join(root, 'libexec/preflight'), ...checks], { env })).stdout)
}

export async function insist(root: string, env: NodeJS.ProcessEnv, check: string): Promise<void> {
  const wrong = (await preflight(root, env, [check])).find((finding) => !finding.ok)
  if (wrong) refuse('UNAVAILABLE', `the ${wrong.name} check`, `${wrong.text}. ${wrong.wayOut}`)
}

export function findingsIn(lines: string): Finding[] {
  return lines
    .split('\n')
    .filter(Boolean)
    .map((line) => {
      const [verdict, name = '', text = '', wayOut = ''] = line.split('\t')
      return { ok: verdict === 'ok', name, text, wayOut }
    })
}
