import { refuse } from './refusal.ts'

/** What a pipeline has unless somebody says otherwise. */
export const usualStages = ['staging', 'production'] as const

export const mostStages = 10

const word = /^[a-z](?:[a-z0-9]|-(?=[a-z0-9])){0,39}$/

const named = (field: string) => (raw: string) =>
  word.test(raw) ? raw : refuse('INVALID', field, 'use 1 to 40 of a-z, 0-9 and single inner hyphens, a letter first')

export const pipelineName = named('pipeline')
export const stageName = named('stage')

/** In their order; each once. */
export function stageNames(raw: readonly string[]): readonly string[] {
  if (raw.length < 2 || raw.length > mostStages) refuse('INVALID', 'stages', `must be 2 to ${mostStages}`)
  const names = raw.map(stageName)
  const twice = names.find((name, at) => names.indexOf(name) !== at)
  return twice === undefined ? names : refuse('INVALID', 'stages', `names ${twice} twice`)
}
