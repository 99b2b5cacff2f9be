// Types, habits, and the layers: each folder may import only from the folders below it.
import tseslint from "typescript-eslint";

const LAYERS = ["main", "views", "state", "sync", "net", "db", "platform", "text", "protocol"];
const STRANGERS = [["net", "db"]]; // neither knows the other

/** What files of `layer` must not import: the layers above, and strangers beside. */
function forbiddenFor(layer) {
  const above = LAYERS.slice(0, LAYERS.indexOf(layer));
  const beside = STRANGERS.filter((pair) => pair.includes(layer)).flat();
  return [...new Set([...above, ...beside])].filter((other) => other !== layer);
}

const layerRules = LAYERS.slice(1).map((layer) => ({
  files: [`src/${layer}/**`],
  rules: {
    "no-restricted-imports": [
      "error",
      {
        patterns: [
          {
            group: forbiddenFor(layer).flatMap((other) => [`**/${other}/*`, `**/${other}`]),
            message: `${layer} may import only from the layers below it.`,
          },
        ],
      },
    ],
  },
}));

export default tseslint.config(
  { ignores: ["node_modules/", "scripts/", "src/protocol/generated.ts"] },
  ...tseslint.configs.recommendedTypeChecked,
  {
    languageOptions: {
      parserOptions: { projectService: { allowDefaultProject: ["eslint.config.js"] }, tsconfigRootDir: import.meta.dirname },
    },
    rules: {
      "@typescript-eslint/no-floating-promises": "error",
      "@typescript-eslint/switch-exhaustiveness-check": ["error", { considerDefaultExhaustiveForUnions: true }],
      "@typescript-eslint/consistent-type-imports": "error",
      "@typescript-eslint/no-unused-vars": ["error", { varsIgnorePattern: "^_", argsIgnorePattern: "^_" }],
      "no-console": "error",
      "max-len": ["error", { code: 120, ignoreUrls: true, ignoreStrings: true, ignoreTemplateLiterals: true }],
    },
  },
  { files: ["eslint.config.js"], extends: [tseslint.configs.disableTypeChecked] },
  {
    // No HTML from strings: the server's policy requires Trusted Types and this page defines none.
    files: ["src/**"],
    rules: {
      "no-restricted-properties": [
        "error",
        { property: "innerHTML" },
        { property: "outerHTML" },
        { property: "insertAdjacentHTML" },
      ],
      "no-restricted-syntax": ["error", { selector: "JSXAttribute[name.name='dangerouslySetInnerHTML']", message: "No HTML from strings." }],
    },
  },
  ...layerRules,
);
