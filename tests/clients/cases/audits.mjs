import { auditServer } from "graphql-http";
import { tell, url, end } from "./stage.mjs";

const results = await auditServer({ url });
tell(results.map(({ name, status, reason }) => ({ name, status, reason })));
end();
