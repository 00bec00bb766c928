import { z } from 'zod'

const name = z.string().regex(/^[a-z][a-z0-9-]{0,30}$/, 'must be small letters, digits and dashes')
const variable = z.string().regex(/^[A-Za-z_][A-Za-z0-9_]*$/, 'must be the name of a variable')
const packages = z.array(z.string().regex(/^[a-z0-9][a-z0-9+.-]+$/, 'must be the name of a Debian package'))
const seconds = z.int('must be a whole number of seconds').min(1).max(86_400)

const units = { second: 1, minute: 60, hour: 3_600, day: 86_400 } as const

/** "7 days" as seconds; "never" as nothing. */
const age = z
  .string()
  .regex(/^(?:never|[1-9]\d{0,4} (?:second|minute|hour|day)s?)$/, 'must be like "7 days", "12 hours" or "never"')
  .transform((text) => {
    const [count, unit = ''] = text.split(' ')
    return text === 'never' ? null : Number(count) * units[unit.replace(/s$/, '') as keyof typeof units]
  })

export const aptInstall = 'apt-get update -qq && apt-get install --yes --no-install-recommends -qq "$@" >/dev/null'

/** Of a distribution, made by mmdebstrap. */
const Suite = z.strictObject({
  suite: z.string().regex(/^[a-z][a-z0-9.-]{0,30}$/, 'must be the name of a release of Debian or Ubuntu'),
  /** Unless given, the machine's own mirror of the suite, or mmdebstrap's. */
  mirror: z.url({ protocol: /^(?:https?|file)$/, error: 'must be a URL' }).optional(),
  components: z
    .array(z.string().regex(/^[a-z][a-z-]{0,30}$/, 'must be the name of a component'))
    .min(1)
    .optional(),
  seconds: seconds.default(1_800),
})

/** Another image: of a registry, or of this machine. */
const Image = z.strictObject({
  image: z.string().regex(/^[a-z0-9][\w./:@-]{0,254}$/, 'must be the name of an image'),
  /** Fetched again each time; what is not, must be on the machine. */
  pull: z.boolean().optional(),
})

const Base = z.union([Suite, Image], { error: 'must have either "suite" or "image"' })

/** Text for /bin/sh, run as root in the image that is being made. */
const Command = z.union(
  [
    z
      .string()
      .min(1)
      .transform((run) => ({ run, seconds: 600, title: run.trim().split('\n')[0] ?? run })),
    z
      .strictObject({ run: z.string().min(1), seconds: seconds.default(600), title: z.string().min(1).optional() })
      .transform(({ run, seconds, title }) => ({ run, seconds, title: title ?? run.trim().split('\n')[0] ?? run })),
  ],
  { error: 'must be a command, or {run, seconds, title}' },
)

export const Stack = z.strictObject({
  name,
  title: z.string().min(1),
  base: Base,
  packages: packages.default([]),
  /** Packages of the base that go. */
  without: packages.default([]),
  /** Variables of the commands; the image does not have them. */
  env: z.record(variable, z.string()).default({}),
  commands: z.array(Command).default([]),
  /** Texts for /bin/sh that add and remove packages, which are their arguments. Apps' packages are added by them too. */
  install: z.string().min(1).default(aptInstall),
  uninstall: z.string().min(1).default('apt-get purge --yes --auto-remove -qq "$@" >/dev/null'),
  /** Older than this, it is made anew. */
  maxAge: age.default(7 * units.day),
})

export type Stack = z.infer<typeof Stack>
export type StackCommand = Stack['commands'][number]
