/** The versions of Gradio that tests run against; apart from what makes them, for code that runs in browsers too. */
export const gradioVersions = ["3.50.2", "4.8.0", "4.16.0", "4.19.2", "4.21.0", "4.44.1", "5.49.1", "6.31.0"] as const

export type GradioVersion = (typeof gradioVersions)[number]
