/** A plain path of a file inside a repository: nothing that leads out of it or into what is git's own. */
export const repositoryPath = /^(?!(?:.*\/)?(?:\.{1,2}|\.git)(?:\/|$))[\w.@+-]+(?:\/[\w.@+-]+)*$/i
