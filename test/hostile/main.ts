/** Prints the matrix, or the cases whose names hold a word: `node test/hostile/main.ts [word] [--official]`. */
import { cases, forOfficial } from "./matrix.ts"
import { runLibrary, runOfficial, show } from "./run.ts"

const words = process.argv.slice(2).filter((word) => !word.startsWith("--"))
const chosen = cases.filter((one) => words.every((word) => `${one.name} × ${one.route}`.includes(word)))

if (process.argv.includes("--official")) {
  const results = await runOfficial(chosen.filter((one) => forOfficial.includes(one)))
  for (const one of results)
    console.log(
      `${one.broken === undefined ? "ok    " : "BREAKS"} ${one.case.name} × ${one.case.route}: ${one.broken ?? one.saw}`
    )
  console.log(`${results.filter((one) => one.broken !== undefined).length} of ${results.length} break it`)
} else {
  const results = await runLibrary(chosen)
  for (const { case: one, problems, report } of results) {
    const cost = report === undefined ? "" : ` [${report.seconds.toFixed(2)} s, ${report.mebibytes} MiB]`
    if (problems.length > 0 || process.argv.includes("--all")) {
      console.log(
        `${problems.length === 0 ? "ok " : "BAD"} ${one.name} × ${one.route}: ${problems.length === 0 ? show(report?.first) : problems.join("; ")}${cost}`
      )
    }
  }
  console.log(`${results.filter((one) => one.problems.length === 0).length} of ${results.length} as expected`)
}
process.exit(0)
