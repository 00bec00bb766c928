/** What uPaaS let apps set, unless its operator said otherwise. */
export const safeUwsgiOptions: readonly string[] = [
  '^check-static',
  '^static-',
  '^harakiri',
  '^enable-threads$',
  '^(worker-|)reload-mercy$',
  '^max-requests$',
  '^(min|max)-worker-lifetime$',
  '^upload-progress$',
  '^lazy',
  '^route',
  '^(response|final|error)-route$',
]

export type Sifted = { readonly kept: readonly string[]; readonly dropped: readonly string[] }

/** Which `option = value` lines the operator lets through: those whose name one of the expressions matches from its start. */
export function siftUwsgi(settings: readonly string[], safe: readonly string[]): Sifted {
  const expressions = safe.map((text) => new RegExp(`^(?:${text})`))
  const passes = (setting: string) => {
    const equals = setting.indexOf('=')
    const name = setting.slice(0, Math.max(equals, 0)).trimEnd()
    return equals >= 0 && expressions.some((expression) => expression.test(name))
  }
  return { kept: settings.filter(passes), dropped: settings.filter((setting) => !passes(setting)) }
}
