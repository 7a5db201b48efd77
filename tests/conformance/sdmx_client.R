# Reads a node's SDMX with rsdmx as its users do, and prints tables with tabs:
#   Rscript sdmx_client.R http://127.0.0.1:PORT/sdmx/v1 FLOW
suppressWarnings(suppressMessages(library(rsdmx)))
arguments <- commandArgs(trailingOnly = TRUE)
base <- arguments[1]
flow <- arguments[2]
builder <- SDMXREST21RequestBuilder(regUrl = base, repoUrl = base, compliant = TRUE)
addSDMXServiceProvider(SDMXServiceProvider(agencyId = "ATALAYA", name = "A node",
                                           builder = builder))
part <- function(name, table) {
  cat("##", name, "\n")
  write.table(table, sep = "\t", quote = FALSE, row.names = FALSE, na = "")
}
invisible(capture.output({
  flows <- as.data.frame(readSDMX(providerId = "ATALAYA", resource = "dataflow"))
  dsd <- readSDMX(paste0(base, "/datastructure/ATALAYA/", sub("^DF_", "DSD_", flow),
                         "/latest/?references=children"))
  lists <- slot(dsd, "codelists")
  data <- suppressWarnings(as.data.frame(readSDMX(
    providerId = "ATALAYA", resource = "data", flowRef = flow, key = "all", dsd = TRUE)))
}))
part("flows", flows[, c("id", "version", "Name.es")])
part("sex", as.data.frame(lists, codelistId = "CL_SEX")[, c("id", "label.es")])
part("data", data)
