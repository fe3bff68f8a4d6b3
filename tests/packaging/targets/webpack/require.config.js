export default { mode: "production", entry: "./require.cjs" };
