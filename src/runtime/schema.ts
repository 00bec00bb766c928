import { z } from 'zod'
import { repositoryPath } from '../model/repositoryPath.ts'

const name = z.string().regex(/^[a-z][a-z0-9-]{0,30}$/, 'must be small letters, digits and dashes')
const variable = z.string().regex(/^[A-Za-z_][A-Za-z0-9_]*$/, 'must be the name of a variable')
const expression = z.string().refine(compiles, 'is not a regular expression')
const packages = z.array(z.string().regex(/^[a-z0-9][a-z0-9+.-]+$/, 'must be the name of a Debian package'))

const projectPath = z.string().regex(repositoryPath, 'must be a path inside the repository')

/** All that is named must be so; nothing named = always. Paths are seen from the root of the source. */
const When = z.strictObject({
  /** One of these files is there; `*` stands for a part of a name. */
  any: z.array(z.string()).optional(),
  /** None of these files is there. */
  none: z.array(z.string()).optional(),
  /** The JSON file has this key (`scripts.build`) with a value. */
  json: z.tuple([z.string(), z.string()]).optional(),
  /** The JSON file lacks this key. */
  without: z.tuple([z.string(), z.string()]).optional(),
  /** The text of the file matches the expression. */
  text: z.tuple([z.string(), expression]).optional(),
  /** This value was found. */
  value: z.string().optional(),
})

/** One way to find a value; the first that finds something is taken. */
const Candidate = z.strictObject({
  when: When.optional(),
  /** A file whose whole path matches; its groups are $1, $2 … in `give`. */
  path: expression.optional(),
  /** A key of a JSON file. */
  json: z.tuple([z.string(), z.string()]).optional(),
  /** An expression in a text file; its groups are $1, $2 … in `give`, which is `$1` unless said. */
  text: z.tuple([z.string(), expression]).optional(),
  /** What is found must match this as a whole; a value that does not is passed over. */
  match: expression.optional(),
  give: z.string().optional(),
})

const Step = z.strictObject({
  title: z.string(),
  when: When.optional(),
  /** Text for /bin/sh, run as `app` in /app; values come in as environment, never as text. */
  run: z.string(),
  /** Variables that are set to the folders of caches that stay from build to build, per app. */
  cache: z.record(variable, name).optional(),
})

const Toolchain = z.strictObject({
  /** The npm package that holds the runtime itself, per architecture of the machine; its version is the runtime's. */
  npm: z.record(z.enum(['x64', 'arm64']), z.string()),
  /** More npm packages: for ranges of the runtime's version, the version to take. */
  with: z.record(z.string(), z.record(z.string(), z.string())).default({}),
  /** Where they are unpacked is /opt/<package>/package; this makes commands of them. */
  links: z.record(z.string().startsWith('/'), z.string().startsWith('/')),
})

/** The versions that a release of the distribution packages, by its code name: what `berth/stack` has. */
const Packaged = z.record(
  z.string().regex(/^[a-z]+$/),
  z.record(z.string().regex(/^\d+(\.\d+){0,2}$/, 'must be a version like 3.11'), packages),
)

const Version = z
  .strictObject({
    /** Where a repository says which one it wants; the first that says something counts. */
    asked: z.array(Candidate),
    /** What `~1.2` lets grow: `patch` stays below 1.3 (npm), `minor` below 2 (Composer, RubyGems, pip). */
    tilde: z.enum(['patch', 'minor']).default('patch'),
    default: z.string().default('*'),
    /** From the npm registry: any version that it has. */
    toolchain: Toolchain.optional(),
    /** From the distribution: these, each with the packages that it needs besides `packages`. */
    packaged: Packaged.optional(),
  })
  .refine(({ toolchain, packaged }) => !toolchain !== !packaged, 'needs either "toolchain" or "packaged"')

/** The image that runs is then another one than that of the steps: the stack with these packages and /app. */
const Final = z.strictObject({
  packages: packages.default([]),
  packagesWhen: z.array(z.strictObject({ when: When, packages })).default([]),
})

const commands = z.array(z.string().min(1)).default([])

/** What the runtime is for uPaaS's metadata that names it as its interpreter. `{name}` stands for a setting. */
const Interpreter = z.strictObject({
  packages: packages.default([]),
  /** More of them, by the code name of the distribution's release. */
  packagesOf: z.record(z.string().regex(/^[a-z]+$/), packages).default({}),
  env: z.record(variable, z.string()).default({}),
  /** Defaults of the settings that metadata may change. */
  settings: z.record(z.string().regex(/^[A-Za-z_][\w-]*$/), z.string()).default({}),
  /** Commands as root: `system` in /, `interpreter` in /, the others in the app's home, `finalize` in /. */
  actions: z
    .strictObject({
      system: commands,
      interpreter: commands,
      before: commands,
      main: commands,
      after: commands,
      finalize: commands,
    })
    .prefault({}),
  /** Variables of the actions that are set to the folders of caches that stay from build to build, per app. */
  cache: z.record(variable, name).default({}),
  /** Lines of uWSGI's file. */
  uwsgi: z.array(z.string().regex(/^[^\p{Cc}]*$/u, 'must be one line')),
})

export const Runtime = z.strictObject({
  name,
  title: z.string(),
  /** Lower goes first where several detect. */
  order: z.number(),
  detect: z.array(When).min(1),
  version: Version.optional(),
  packages: packages.default([]),
  /** More packages, where something holds. */
  packagesWhen: z.array(z.strictObject({ when: When, packages })).default([]),
  /** A JSON file whose keys of this form name packages: `{file, key, match, give}`. */
  packagesFrom: z
    .array(
      z.strictObject({
        json: z.tuple([z.string(), z.string()]),
        match: expression,
        give: z.string(),
        except: z.array(z.string()).default([]),
      }),
    )
    .default([]),
  values: z.record(z.string(), z.array(Candidate)).default({}),
  env: z.record(variable, z.string()).default({}),
  /** Variables that an app gets a random value for, once, unless it sets them. */
  generate: z.array(z.strictObject({ when: When.optional(), variable })).default([]),
  /** Files put into the image, by absolute path; executable when they start with `#!`. */
  files: z.record(z.string().startsWith('/opt/berth/'), z.string()).default({}),
  /** Run once as root after the packages. */
  setup: z.array(z.string()).default([]),
  /** Files copied before the install steps, which then run again only when one of them changed; `unless` copies all. */
  manifests: z.strictObject({ files: z.array(z.string()), unless: z.array(When).default([]) }).optional(),
  install: z.array(Step).default([]),
  build: z.array(Step).default([]),
  /** Steps that run after the build in any case. */
  finish: z.array(Step).default([]),
  /** What runs does without what built it. */
  final: Final.optional(),
  interpreter: Interpreter.optional(),
  processes: z.record(name, z.array(z.strictObject({ when: When.optional(), command: z.array(z.string()) }))),
  /** Said when nothing gives `web` a command. */
  help: z.string(),
  health: z.strictObject({ path: z.string().optional(), deadlineMs: z.number().optional() }).default({}),
  stopGraceMs: z.number().optional(),
  /** A first commit that works, by path, for `berth app create --init`; `{app}` is the app's name. */
  project: z.record(projectPath, z.string()).optional(),
})

export type When = z.infer<typeof When>
export type Candidate = z.infer<typeof Candidate>
export type Step = z.infer<typeof Step>
export type Interpreter = z.infer<typeof Interpreter>
export type Toolchain = z.infer<typeof Toolchain>
export type Runtime = z.infer<typeof Runtime>

function compiles(text: string): boolean {
  try {
    return new RegExp(text, 'm') !== undefined
  } catch {
    return false
  }
}
